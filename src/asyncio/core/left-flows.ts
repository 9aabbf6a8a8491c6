import { isOfLeftFlow } from "./errors.ts";

const mark: symbol = Symbol.for("pottle.asyncio.leftFlowsGuard");
const home = globalThis as unknown as Record<symbol, boolean | undefined>;

/**
 * @internal Keeps a flow that its scope left behind from taking the process down. Such a flow (the loser of a
 * `Promise.race`, a promise nobody awaited) is cancelled when its scope ends, and its promise then rejects with nobody
 * there to hear. Every other unhandled rejection ends the process as it always did.
 */
export function guardLeftFlows(): void {
  if (home[mark] === true) return;
  home[mark] = true;
  process.on("unhandledRejection", passOthers);
}

function passOthers(reason: unknown): void {
  if (isOfLeftFlow(reason)) return;
  if (process.listenerCount("unhandledRejection") > 1) return; // somebody else decides
  throw reason;
}
