import { ambient } from "../state/ambient.ts";
import { isStrayError } from "../errors/errors.ts";

const guard = ambient("strays", () => ({ isOn: false }));

/**
 * @internal Prevents stray code from ending the process. Stray code (the loser of a `Promise.race`, a promise that no
 * code awaits) is cancelled when its scope ends, and its promise is then rejected without a handler. Any other
 * unhandled rejection still ends the process.
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
