import { cancellationOf, KeyboardInterrupt } from "../core/index.ts";

/** @internal A signal that asks the process to end. */
export type ExitSignal = "SIGINT" | "SIGTERM";

/** @internal The exit code of a process that a signal ended. */
export const exitCodes: Readonly<Record<ExitSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

// A program that npm started hears of one Ctrl+C twice, from the terminal and from npm, within a few milliseconds.
const samePress = 100;
let last: { readonly signal: ExitSignal; readonly at: number } | undefined;

function isSamePress(signal: ExitSignal): boolean {
  const now = performance.now();
  if (last?.signal === signal && now - last.at < samePress) return true;
  last = { signal, at: now };
  return false;
}

/**
 * @internal Tells `onFirst` of the first signal; the second ends the process at once, unless it comes so soon after that
 * it is the same key press. Disposing it ends it.
 */
export class SignalWatch implements Disposable {
  #received: ExitSignal | undefined;
  readonly #onFirst: (signal: ExitSignal) => void;

  /** @param before - The watch that this one continues: what it received counts here. */
  constructor(onFirst: (signal: ExitSignal) => void, before?: SignalWatch) {
    this.#onFirst = onFirst;
    this.#received = before?.received;
    process.on("SIGINT", this.#listen);
    process.on("SIGTERM", this.#listen);
  }

  /** The first signal that came. */
  get received(): ExitSignal | undefined {
    return this.#received;
  }

  readonly #listen = (signal: ExitSignal): void => {
    if (isSamePress(signal)) return;
    if (this.#received !== undefined) process.exit(exitCodes[signal]);
    this.#received = signal;
    exitQuietly();
    this.#onFirst(signal);
  };

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#listen);
    process.off("SIGTERM", this.#listen);
  }
}

let isQuiet = false;

// An interrupt that nobody catches ends the process with the signal's code, as a shell expects, instead of a stack trace.
function exitQuietly(): void {
  if (isQuiet) return;
  isQuiet = true;
  process.on("uncaughtExceptionMonitor", (error) => {
    const cause = cancellationOf(error)?.reason ?? error;
    if (cause instanceof KeyboardInterrupt) process.exit(exitCodes[cause.signal]);
  });
}
