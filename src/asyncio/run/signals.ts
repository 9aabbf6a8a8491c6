// The only listener for the signals that end a process: SIGINT (Ctrl+C) and SIGTERM.
//
//   signal ─┬─ `onSignal` returned "handled"    nothing more to do
//           ├─ the same signal within 100 ms    the same key press: ignored
//           ├─ the first signal                 cancels the program
//           └─ the second signal                ends the process at once

import { ambient, cancellationOf, KeyboardInterrupt } from "../core/index.ts";

/** A signal that asks the process to end. */
export type ExitSignal = KeyboardInterrupt["signal"];

/**
 * Called for each SIGINT and SIGTERM that the program receives. If it returns "handled", nothing else happens.
 * Otherwise the first signal cancels the program, and the second ends the process.
 */
export type SignalHandler = (signal: ExitSignal) => "handled" | void;

/**
 * The exit codes that shells use for a process that was ended by a signal.
 *
 * @example
 * console.log(exitCodes.SIGINT, exitCodes.SIGTERM); // 130 143
 */
export const exitCodes: Readonly<Record<ExitSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * The signal behind `error`, or `undefined`. There is one if the error is a {@link KeyboardInterrupt}, or a
 * cancellation with a {@link KeyboardInterrupt} as its reason.
 *
 * @example
 * const task = createTask(() => sleep(60_000));
 * task.cancel(new KeyboardInterrupt("SIGTERM"));
 * await task.catch((error: unknown) => console.log(exitSignalOf(error))); // SIGTERM
 */
export function exitSignalOf(error: unknown): ExitSignal | undefined {
  const cause = cancellationOf(error)?.reason ?? error;
  return cause instanceof KeyboardInterrupt ? cause.signal : undefined;
}

// A program started by npm receives each Ctrl+C twice within a few milliseconds: from the terminal and from npm.
const samePress = 100;

interface SignalState {
  /** The last signal that was not ignored. */
  last: { readonly signal: ExitSignal; readonly at: number } | undefined;
  /** Whether the listener is set that ends the process without a stack trace after an uncaught interrupt. */
  isQuiet: boolean;
}

const state: SignalState = ambient("run.signals", (): SignalState => ({ last: undefined, isQuiet: false }));

function isSamePress(signal: ExitSignal): boolean {
  const now = performance.now();
  const { last } = state;
  if (last?.signal === signal && now - last.at < samePress) return true;
  state.last = { signal, at: now };
  return false;
}

/** @internal Options of a {@link SignalWatch}. */
export interface SignalWatchOptions {
  /** Called for the first signal that `onSignal` has not handled. */
  readonly onFirst: (signal: ExitSignal) => void;
  /** Called for every signal, before anything else. @default none */
  readonly onSignal?: SignalHandler | undefined;
  /**
   * The previous watch, which this one continues: a signal that the previous watch received counts as the first one.
   * @default none
   */
  readonly before?: SignalWatch | undefined;
}

/** @internal Listens for the signals that end a process, until it is disposed. */
export class SignalWatch implements Disposable {
  readonly #onFirst: (signal: ExitSignal) => void;
  readonly #onSignal: SignalHandler | undefined;
  #received: ExitSignal | undefined;

  constructor({ onFirst, onSignal, before }: SignalWatchOptions) {
    this.#onFirst = onFirst;
    this.#onSignal = onSignal;
    this.#received = before?.received;
    process.on("SIGINT", this.#listen);
    process.on("SIGTERM", this.#listen);
  }

  /** The first signal that `onSignal` has not handled. */
  get received(): ExitSignal | undefined {
    return this.#received;
  }

  readonly #listen = (signal: ExitSignal): void => {
    if (this.#onSignal?.(signal) === "handled") return;
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

// An uncaught interrupt ends the process with the signal's exit code, as shells expect, and without a stack trace.
function exitQuietly(): void {
  if (state.isQuiet) return;
  state.isQuiet = true;
  process.on("uncaughtExceptionMonitor", (error) => {
    const signal = exitSignalOf(error);
    if (signal !== undefined) process.exit(exitCodes[signal]);
  });
}
