import { isCancelled, KeyboardInterrupt } from "./errors.ts";

/** @internal A signal that asks the process to end. */
export type ExitSignal = "SIGINT" | "SIGTERM";

/** @internal The exit code of a process that a signal ended. */
export const exitCodes: Readonly<Record<ExitSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** @internal A watch for signals; disposing it ends it. */
export interface SignalWatch extends Disposable {
  /** The signal that came. */
  readonly received: ExitSignal | undefined;
}

/** @internal Tells `onFirst` of the first signal; the second ends the process at once. */
export function watchSignals(onFirst: (signal: ExitSignal) => void): SignalWatch {
  let received: ExitSignal | undefined;
  const listen = (signal: ExitSignal): void => {
    if (received !== undefined) process.exit(exitCodes[signal]);
    received = signal;
    exitQuietly();
    onFirst(signal);
  };
  process.on("SIGINT", listen);
  process.on("SIGTERM", listen);
  return {
    get received(): ExitSignal | undefined {
      return received;
    },
    [Symbol.dispose](): void {
      process.off("SIGINT", listen);
      process.off("SIGTERM", listen);
    },
  };
}

let isQuiet = false;

// An interrupt that nobody catches ends the process with the signal's code, as a shell expects, instead of a stack trace.
function exitQuietly(): void {
  if (isQuiet) return;
  isQuiet = true;
  process.on("uncaughtExceptionMonitor", (error) => {
    const cause = isCancelled(error) ? error.reason : error;
    if (cause instanceof KeyboardInterrupt) process.exit(exitCodes[cause.signal]);
  });
}
