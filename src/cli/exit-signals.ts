import { performance } from "node:perf_hooks";
import { cancellationOf, KeyboardInterrupt, type Task } from "../asyncio/index.ts";

/** A signal that asks the process to end. */
export type ExitSignal = KeyboardInterrupt["signal"];

/** The exit code of a process that a signal ended, as shells have it. */
export const exitCodes: Readonly<Record<ExitSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * Within how many milliseconds signals count as one. A Ctrl+C may arrive twice: from the terminal, and handed on by the
 * program that started this one, as npm does.
 */
const sameSignal = 100;

/**
 * Watches for SIGINT (Ctrl+C) and SIGTERM until it is disposed: the first cancels a task, with a `KeyboardInterrupt` as
 * the reason, the second ends the process at once.
 */
export class ExitSignals implements Disposable {
  #received: ExitSignal | undefined;
  #receivedAt = 0;
  #task: Task<unknown> | undefined;
  readonly #onInterrupt: () => boolean;
  readonly #listen = (signal: ExitSignal): void => this.#receive(signal);

  /** @param onInterrupt Called for each SIGINT; if it returns `true`, that was all there is to do. */
  constructor(onInterrupt: () => boolean = () => false) {
    this.#onInterrupt = onInterrupt;
    process.on("SIGINT", this.#listen);
    process.on("SIGTERM", this.#listen);
  }

  /** Has the first signal cancel `task`, also if it has come already. */
  cancels(task: Task<unknown>): void {
    this.#task = task;
    if (this.#received !== undefined) task.cancel(new KeyboardInterrupt(this.#received));
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    process.off("SIGINT", this.#listen);
    process.off("SIGTERM", this.#listen);
  }

  #receive(signal: ExitSignal): void {
    if (signal === "SIGINT" && this.#onInterrupt()) return;
    if (this.#received === undefined) {
      this.#received = signal;
      this.#receivedAt = performance.now();
      this.#task?.cancel(new KeyboardInterrupt(signal));
    } else if (performance.now() - this.#receivedAt > sameSignal) {
      process.exit(exitCodes[signal]);
    }
  }
}

/** The signal that ended a task which failed with `error`, if one did. */
export function signalOf(error: unknown): ExitSignal | undefined {
  const reason = cancellationOf(error)?.reason;
  return reason instanceof KeyboardInterrupt ? reason.signal : undefined;
}
