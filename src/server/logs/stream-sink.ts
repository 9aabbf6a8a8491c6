import { writeSync } from "node:fs";
import type { Writable } from "node:stream";
import type { Sink, SinkHooks } from "./sink.ts";

/**
 * Writes text to a stream, one text at a time: while the stream has one, it gets no other, so that a stream which does not
 * take what it is given holds one text at most.
 */
export class StreamSink implements Sink {
  readonly #stream: Writable;
  readonly #hooks: SinkHooks;
  readonly #isOwn: boolean;
  #isOver = false;
  #isWriting = false;
  #isClosed = false;

  /** @param options - `isOwn`: whether the stream is destroyed when the log is closed. */
  constructor(stream: Writable, hooks: SinkHooks, { isOwn = false }: { readonly isOwn?: boolean } = {}) {
    this.#stream = stream;
    this.#hooks = hooks;
    this.#isOwn = isOwn;
    stream.on("error", this.#failed);
    stream.on("close", this.#closed);
  }

  write(text: string): boolean {
    this.#isWriting = true;
    if (this.#stream.destroyed || this.#stream.writableEnded) this.#closed();
    else this.#stream.write(text, this.#written);
    return false;
  }

  // A stream writes later, and there is no later. What it is writing right now must not be torn.
  writeLast(text: string): void {
    if (this.#isOver || this.#stream.writableLength > 0) return;
    const { fd } = this.#stream as { readonly fd?: unknown };
    if (typeof fd === "number") writeNow(fd, text);
    else this.#stream.write(text);
  }

  close(): void {
    this.#isClosed = true;
    this.#stream.off("close", this.#closed);
    if (this.#isOwn) this.#stream.destroy();
    else if (!this.#isWriting) this.#stream.off("error", this.#failed);
  }

  readonly #written = (error?: Error | null): void => {
    // Then an "error" event follows, which would end the process if nothing listened.
    if (error !== undefined && error !== null) return this.#failed(error);
    this.#isWriting = false;
    if (this.#isClosed) this.#stream.off("error", this.#failed);
    else this.#hooks.onReady();
  };

  readonly #closed = (): void => {
    this.#failed(new Error("Cannot write to the stream of the log as it was closed"));
  };

  readonly #failed = (error: Error): void => {
    if (this.#isOver || this.#isClosed) return;
    this.#isOver = true;
    this.#hooks.onError(error, true);
  };
}

// A full pipe does not take all; then the rest is lost with the process.
function writeNow(descriptor: number, text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.byteLength > 0) rest = rest.subarray(writeSync(descriptor, rest));
  } catch {
    return;
  }
}
