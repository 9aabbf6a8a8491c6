import { ambient } from "../state/ambient.ts";
import { isStrayError } from "../errors/errors.ts";

const guard = ambient("strays", () => ({ isOn: false }));

/**
 * @internal Keeps stray code from ending the process. Such code (the loser of a `Promise.race`, a promise that was not
 * awaited) is cancelled when its scope ends, and its promise then rejects without a handler. Every other unhandled
 * rejection ends the process as it always did.
 */
export function guardStrays(): void {
  if (guard.isOn) return;
  guard.isOn = true;
  process.on("unhandledRejection", passOthers);
}

function passOthers(reason: unknown): void {
  if (isStrayError(reason)) return;
  if (process.listenerCount("unhandledRejection") > 1) return; // another listener decides
  throw reason;
}
