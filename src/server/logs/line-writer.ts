/**
 * Lines on their way to a destination:
 *
 *     write(line) ──> pending ── once a turn of the event loop ──> sink: file, stream or function
 *                        │                                            │
 *                  beyond a bound:                           takes nothing meanwhile:
 *                dropped and counted                         what comes stays pending
 *
 * A write costs many times what a line costs, so lines are collected while requests of the same turn end. A destination
 * that does not take its lines, such as a pipe whose reader has stopped, costs the lines, not the memory of the process. The
 * count of those that were dropped is a line of its own once the destination takes lines again.
 */

import { callExceptionHandler, Event, moveOnAfter, outside } from "../../asyncio/index.ts";
import { type LogDestination, openDestination } from "./destination.ts";
import { addLastLines, removeLastLines } from "./last-lines.ts";
import { forgetReopen, reopenAtSignal } from "./reopen-logs.ts";
import type { Sink } from "./sink.ts";

/** How many milliseconds a log that is closed gives its destination to take what is left. */
const closeTimeout = 1_000;

/** How a log is written. */
export interface LineWriterSettings {
  /** What the log is, for the report of an error: `access log`. */
  readonly name: string;
  readonly destination: LogDestination;
  /** How many characters wait at most for a destination that takes none; one line is always kept. */
  readonly bufferLimit: number;
  /** Makes the line that says how many were dropped. */
  readonly describeDropped: (count: number) => string;
}

/** What has become of the lines of a log. */
export interface LogStatistics {
  /** How many lines were handed to the destination. */
  readonly written: number;
  /** How many lines wait for the destination. */
  readonly waiting: number;
  /** How many lines were dropped, because the destination took none. */
  readonly dropped: number;
}

/** Collects lines and hands them to a destination. */
export class LineWriter implements AsyncDisposable {
  readonly #settings: LineWriterSettings;
  readonly #sink: Sink;
  readonly #idle = new Event({ name: "log written" });
  #pending = "";
  #waiting = 0;
  #written = 0;
  #dropped = 0;
  /** How many of the dropped ones the log does not tell of yet. */
  #untold = 0;
  #isScheduled = false;
  /** Whether the destination takes nothing for now. */
  #isBlocked = false;
  /** Whether it is closed, or its destination takes nothing any more. */
  #isOver = false;
  #isClosed = false;

  /** @throws {LogOpenError} If the destination is a file that cannot be opened. */
  constructor(settings: LineWriterSettings) {
    this.#settings = settings;
    // A socket that is opened here must not keep the request alive that happens to run.
    this.#sink = outside(openDestination, settings.destination, {
      onReady: () => this.#ready(),
      onError: (error, isOver) => this.#failed(error, isOver),
    });
    addLastLines(this.#writeLast);
    if (typeof settings.destination === "string") reopenAtSignal(this.#reopen);
  }

  /** Takes a line, which has no line break in it. */
  write(line: string): void {
    if (this.#isOver || !this.#hasRoom(line)) return this.#drop(1);
    this.#pending += `${line}\n`;
    this.#waiting++;
    if (this.#isScheduled || this.#isBlocked) return;
    this.#isScheduled = true;
    outside(setImmediate, this.#flush);
  }

  /** Current counts. */
  statistics(): LogStatistics {
    return { written: this.#written, waiting: this.#waiting, dropped: this.#dropped };
  }

  /** Writes what is left, and lets go of the destination. Lines that come later are dropped. */
  async close(): Promise<void> {
    if (this.#isOver) return this.#end();
    try {
      this.#flush();
      if (this.#isBlocked) await moveOnAfter(closeTimeout, () => this.#untilIdle());
    } finally {
      this.#end();
    }
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    if (this.#isBlocked || this.#isOver) return;
    const text = this.#take();
    if (text !== "") this.#isBlocked = !this.#sink.write(text);
    if (!this.#isBlocked) this.#idle.set();
  };

  // What was logged before goes into the file that was there before.
  readonly #reopen = (): void => {
    this.#flush();
    this.#sink.reopen?.();
  };

  readonly #writeLast = (): void => {
    const text = this.#take();
    if (text !== "") this.#sink.writeLast(text);
  };

  /** Whether a line may wait. A destination that is not blocked takes what has come so far, to make room. */
  #hasRoom(line: string): boolean {
    const { bufferLimit } = this.#settings;
    if (this.#pending.length + line.length < bufferLimit) return true;
    this.#flush();
    return this.#pending === "" || this.#pending.length + line.length < bufferLimit;
  }

  /** The text to be written now, with a line for those that were dropped. */
  #take(): string {
    const text = this.#pending;
    this.#pending = "";
    this.#written += this.#waiting;
    this.#waiting = 0;
    if (this.#untold === 0) return text;
    const notice = this.#settings.describeDropped(this.#untold);
    this.#untold = 0;
    return `${text}${notice}\n`;
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#untold += count;
  }

  #ready(): void {
    this.#isBlocked = false;
    this.#flush();
  }

  async #untilIdle(): Promise<void> {
    while (this.#isBlocked && !this.#isOver) {
      this.#idle.clear();
      await this.#idle.wait();
    }
  }

  #failed(error: unknown, isOver: boolean): void {
    callExceptionHandler({ message: `Cannot write the ${this.#settings.name}`, error });
    if (isOver) this.#giveUp();
  }

  #giveUp(): void {
    this.#isOver = true;
    this.#drop(this.#waiting);
    this.#pending = "";
    this.#waiting = 0;
    this.#idle.set();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#giveUp();
    removeLastLines(this.#writeLast);
    forgetReopen(this.#reopen);
    this.#sink.close();
  }
}
