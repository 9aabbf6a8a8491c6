import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { createTask, isCancelled, type Task, uncancellable, wait } from "../asyncio/index.ts";
import { BytePipe } from "../http/index.ts";

/** The pieces of a body that is produced while it is sent. */
export type BodyStream = AsyncIterable<Uint8Array | string>;

/** Observes a body that is sent in pieces. */
export interface UploadWatcher {
  /** Called when the connection has taken all pieces so far, and the next one is not ready. */
  onHungry(): void;
  /** Called when the connection gets the next piece. */
  onFed(): void;
}

// How many bytes are produced ahead of the connection.
const bound = 65_536;
// How long a finished request waits for the clean-up of the code that produces its body, in milliseconds.
const cleanUpTimeout = 1_000;

/**
 * Transfers a body from the caller's code to a connection. The caller's code runs in a separate task, which belongs to
 * the caller's scope, so that it can be cancelled in any wait. The connection takes the pieces outside any scope.
 */
export class Upload implements AsyncIterable<Uint8Array> {
  /** The error that the caller's code threw. */
  error: unknown;
  /** Whether the connection has taken the last piece. */
  isOver = false;
  /** How many bytes the connection has taken. */
  size = 0;
  readonly #source: BodyStream;
  readonly #pipe: BytePipe;
  readonly #task: Task<void>;
  readonly #watcher: UploadWatcher;

  constructor(source: BodyStream, name: string, watcher: UploadWatcher) {
    this.#watcher = watcher;
    // A cancellation does not reach the waits of a web stream. So it is converted to a Node stream, which can be
    // destroyed.
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

  /** Stops the code that produces the body, if it still runs. */
  stop(): void {
    if (this.#task.done()) return;
    this.#pipe.fail(new Error("The request is over"));
    this.#task.cancel("the request is over");
    if (this.#source instanceof Readable) this.#source.destroy();
  }

  /**
   * Waits until that code has ended, even if the caller is cancelled. It waits at most one second, because the code may
   * not stop.
   */
  async ended(): Promise<void> {
    if (!this.#task.done()) await uncancellable(() => wait([this.#task], { timeout: cleanUpTimeout }));
  }
}

/** The size of a slice, in bytes. A larger body is sent in slices, so that its progress can be seen. */
export const sliceSize = 262_144;

/** The form in which bytes are sent: in slices if they are large. */
export function sliced(bytes: Uint8Array, watcher: UploadWatcher): Uint8Array | AsyncIterable<Uint8Array> {
  return bytes.byteLength <= sliceSize ? bytes : slices(bytes, watcher);
}

// This must be an async generator: it is the only kind of body that undici reads no faster than the connection sends.
async function* slices(bytes: Uint8Array, watcher: UploadWatcher): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.byteLength; at += sliceSize) {
    watcher.onFed();
    yield bytes.subarray(at, at + sliceSize);
  }
}
