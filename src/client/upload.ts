import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { createTask, isCancelled, type Task, uncancellable, wait } from "../asyncio/index.ts";
import { BytePipe } from "../http/index.ts";

/** The pieces of a body that is sent while it is made. */
export type BodyStream = AsyncIterable<Uint8Array | string>;

/** Told about a body that is sent in pieces. */
export interface UploadWatcher {
  /** The connection has taken everything so far, and the next piece is not there yet. */
  onHungry(): void;
  /** The connection got another piece. */
  onFed(): void;
}

// How many bytes are made ahead of the connection.
const bound = 65_536;
// How many milliseconds a request that is over waits for the clean-up of the code that makes its body.
const cleanUpTimeout = 1_000;

/**
 * A body on its way from the caller's code to a connection. That code runs in a task of its own, which belongs to the
 * caller's scope, so that it can be cancelled wherever it waits. The connection takes the pieces outside any scope.
 */
export class Upload implements AsyncIterable<Uint8Array> {
  /** The error that its code threw. */
  error: unknown;
  /** Whether the last piece has been taken. */
  isOver = false;
  /** How many bytes the connection has taken. */
  size = 0;
  readonly #source: BodyStream;
  readonly #pipe: BytePipe;
  readonly #task: Task<void>;
  readonly #watcher: UploadWatcher;

  constructor(source: BodyStream, name: string, watcher: UploadWatcher) {
    this.#watcher = watcher;
    // A stream of the platform waits where no cancellation reaches it: it must be destroyed.
    this.#source = source instanceof ReadableStream ? Readable.fromWeb(source) : source;
    this.#pipe = new BytePipe({ name, bound });
    this.#task = createTask(() => this.#make(), { name });
  }

  async #make(): Promise<void> {
    try {
      for await (const piece of this.#source) {
        this.#pipe.push(typeof piece === "string" ? Buffer.from(piece) : piece);
        await this.#pipe.room();
      }
      this.#pipe.end();
    } catch (error) {
      this.error = error;
      this.#pipe.fail(error as Error);
      if (isCancelled(error)) throw error;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      this.#watcher.onHungry();
      const piece = await this.#pipe.read();
      this.#watcher.onFed();
      if (piece === undefined) break;
      this.size += piece.byteLength;
      yield piece;
    }
    this.isOver = true;
  }

  /** Stops the code that makes the body, if it still runs. */
  stop(): void {
    if (this.#task.done()) return;
    this.#pipe.fail(new Error("The request is over"));
    this.#task.cancel("the request is over");
    if (this.#source instanceof Readable) this.#source.destroy();
  }

  /** Waits until that code has ended, even if the caller is cancelled; at most a second, as it may ignore that. */
  async ended(): Promise<void> {
    if (!this.#task.done()) await uncancellable(() => wait([this.#task], { timeout: cleanUpTimeout }));
  }
}

/** A body with more bytes is sent in pieces, which show whether it moves. */
export const sliceSize = 262_144;

/** Bytes as they are sent: large ones in slices. */
export function sliced(bytes: Uint8Array, watcher: UploadWatcher): Uint8Array | AsyncIterable<Uint8Array> {
  return bytes.byteLength <= sliceSize ? bytes : slices(bytes, watcher);
}

// An async generator, as that is the only kind which undici takes no faster than the connection does.
async function* slices(bytes: Uint8Array, watcher: UploadWatcher): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.byteLength; at += sliceSize) {
    watcher.onFed();
    yield bytes.subarray(at, at + sliceSize);
  }
}
