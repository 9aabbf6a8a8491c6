import { closeSync, writeSync } from "node:fs";
import { outside } from "../../asyncio/index.ts";
import type { Sink, SinkHooks } from "./sink.ts";

/** After how many milliseconds a file that did not take a text is tried again. */
const retryPause = 1_000;

// What is written at once needs no memory of its own.
const scratch = Buffer.allocUnsafe(65_536);

/**
 * Appends text to a file. It is written at once: a write of a few kilobytes to a file ends in the memory of the system,
 * and is faster than handing it to a thread. A file that does not take it, because the disk is full, is tried again.
 */
export class FileSink implements Sink {
  readonly #open: () => number;
  #descriptor: number;
  readonly #hooks: SinkHooks;
  #rest: Buffer | undefined;
  #retry: NodeJS.Timeout | undefined;

  /** @param open - Opens the file of the same path once more; returns its descriptor. */
  constructor(descriptor: number, open: () => number, hooks: SinkHooks) {
    this.#descriptor = descriptor;
    this.#open = open;
    this.#hooks = hooks;
  }

  write(text: string): boolean {
    this.#rest = encode(text);
    const error = this.#writeRest();
    if (error === undefined) return true;
    // A copy: the scratch is for the next text.
    this.#rest = Buffer.from(this.#rest);
    this.#hooks.onError(error, false);
    this.#retry = outside(setInterval, () => this.#tryAgain(), retryPause).unref();
    return false;
  }

  writeLast(text: string): void {
    this.#rest = Buffer.concat([this.#rest ?? Buffer.alloc(0), Buffer.from(text)]);
    this.#writeRest();
  }

  // A file that cannot be opened is reported, and the one that is open is written on: no line is lost.
  reopen(): void {
    try {
      const descriptor = this.#open();
      closeSync(this.#descriptor);
      this.#descriptor = descriptor;
    } catch (error) {
      this.#hooks.onError(error, false);
    }
  }

  close(): void {
    clearInterval(this.#retry);
    closeSync(this.#descriptor);
  }

  #tryAgain(): void {
    if (this.#writeRest() !== undefined) return;
    clearInterval(this.#retry);
    this.#hooks.onReady();
  }

  /** Writes what is left of a text; returns the error that it ends with. */
  #writeRest(): unknown {
    try {
      while (this.#rest !== undefined) {
        const written = writeSync(this.#descriptor, this.#rest);
        this.#rest = written < this.#rest.byteLength ? this.#rest.subarray(written) : undefined;
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

/** Text as UTF-8, valid until the next call. A character of a string takes three bytes at most. */
function encode(text: string): Buffer {
  return text.length * 3 > scratch.byteLength ? Buffer.from(text) : scratch.subarray(0, scratch.write(text));
}
