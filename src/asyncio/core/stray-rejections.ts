import { isStrayError } from "./errors.ts";

const mark: symbol = Symbol.for("pottle.asyncio.leftFlowsGuard");
const home = globalThis as unknown as Record<symbol, boolean | undefined>;

/**
 * @internal Keeps stray code from ending the process. Such code (the loser of a `Promise.race`, a promise that was not
 * awaited) is cancelled when its scope ends, and its promise then rejects without a handler. Every other unhandled
 * rejection ends the process as it always did.
 */
export function guardStrays(): void {
  if (home[mark] === true) return;
  home[mark] = true;
  process.on("unhandledRejection", passOthers);
}

function passOthers(reason: unknown): void {
  if (isStrayError(reason)) return;
  if (process.listenerCount("unhandledRejection") > 1) return; // another listener decides
  throw reason;
}
