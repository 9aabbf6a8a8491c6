import { maybeYield, currentScope, InvalidStateError, type Resource, throwPending, WaitQueue } from "../core/index.ts";
import { requireCount } from "../../base/options.ts";
import { ByteBuffer } from "./_byte-buffer.ts";
import { type Match, type Separator, SeparatorSearch, toSeparators } from "./_separator.ts";
import { IncompleteReadError, LimitOverrunError } from "./errors.ts";

/** How many bytes a line may have, and twice how many a reader holds before it asks its source to pause. */
export const defaultLimit = 65_536;

/** How a {@link StreamReader} is made. */
export interface StreamReaderOptions {
  /** How many bytes `readLine` and `readUntil` look through for a separator. @default 65_536 */
  readonly limit?: number;
  /** Its name, as shown by inspectors. */
  readonly name?: string;
}

/** @internal Where a reader's bytes come from. */
export interface Source {
  pause(): void;
  resume(): void;
}

/** What a {@link StreamReader} knows of itself. */
export interface StreamReaderStatistics {
  /** How many bytes have come and were not read. */
  readonly buffered: number;
  /** Whether the source was asked to pause. */
  readonly paused: boolean;
  /** Whether the source has ended. */
  readonly ended: boolean;
  /** Whether a task waits for bytes. */
  readonly waiting: boolean;
}

/**
 * The reading end of a stream of bytes; gives them as `Buffer`s. One task at a time can read. A read that is cancelled
 * has taken nothing.
 *
 * It holds little more than twice its limit: beyond that the peer has to wait, unless a read asks for more at once.
 *
 * @example
 * const reader = new StreamReader();
 * reader.feedData(Buffer.from("one\ntwo\n"));
 * reader.feedEof();
 * for await (const line of reader) console.log(line.toString().trim()); // one, two
 * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader
 */
export class StreamReader implements Resource, AsyncIterable<Buffer> {
  readonly kind = "stream";
  readonly name: string | undefined;
  /** How many bytes `readLine` and `readUntil` look through for a separator. */
  readonly limit: number;
  readonly #bytes = new ByteBuffer();
  readonly #waiters = new WaitQueue();
  #source: Source | undefined;
  #paused = false;
  #ended = false;
  #failed = false;
  #error: unknown;
  #reading = false;

  /** @throws {RangeError} If the limit is neither a whole number ≥ 1 nor `Infinity`. */
  constructor(options: StreamReaderOptions = {}) {
    this.limit = requireCount(options.limit ?? defaultLimit, 1, "set the limit of a stream", true);
    this.name = options.name;
  }

  /**
   * Reads up to `count` bytes, as soon as there are any; without `count`, all until the end. At the end it gives an empty
   * `Buffer`.
   *
   * @throws {RangeError} If `count` is not a whole number ≥ 0.
   * @throws {InvalidStateError} If another task reads.
   * @throws {ConnectionResetError} If the connection was lost.
   */
  async read(count?: number): Promise<Buffer> {
    if (count === undefined) return this.#read(never, () => this.#take(this.#bytes.size));
    requireCount(count, 0, "read that many bytes");
    return this.#read(
      () => count === 0 || this.#bytes.size > 0,
      () => this.#take(Math.min(count, this.#bytes.size)),
    );
  }

  /**
   * Reads exactly `count` bytes.
   *
   * @throws {RangeError} If `count` is not a whole number ≥ 0.
   * @throws {IncompleteReadError} If the stream ends before.
   * @throws {InvalidStateError} If another task reads.
   * @throws {ConnectionResetError} If the connection was lost.
   */
  async readExactly(count: number): Promise<Buffer> {
    requireCount(count, 0, "read that many bytes");
    return this.#read(
      () => this.#bytes.size >= count,
      () => {
        if (this.#bytes.size < count) throw new IncompleteReadError(this.#take(this.#bytes.size), count);
        return this.#take(count);
      },
    );
  }

  /**
   * Reads up to a separator and gives what was read, separator included. Of several separators the one that ends first
   * counts.
   *
   * @throws {RangeError} If there is no separator, or an empty one.
   * @throws {LimitOverrunError} If it does not come within the limit; the bytes are kept.
   * @throws {IncompleteReadError} If the stream ends before; `partial` has what came.
   * @throws {InvalidStateError} If another task reads.
   * @throws {ConnectionResetError} If the connection was lost.
   */
  async readUntil(separator: Separator | readonly Separator[] = "\n"): Promise<Buffer> {
    const search = new SeparatorSearch(toSeparators(separator));
    let match: Match | undefined;
    return this.#read(
      () => (match = this.#search(search)) !== undefined,
      () => {
        if (match === undefined) throw new IncompleteReadError(this.#take(this.#bytes.size));
        return this.#take(match.end);
      },
    );
  }

  #search(search: SeparatorSearch): Match | undefined {
    const match = search.find(this.#bytes.view);
    const before = match?.start ?? search.passed;
    if (before > this.limit) throw new LimitOverrunError(before, this.limit, match !== undefined);
    return match;
  }

  /**
   * Reads a line, with its "\n". The last line may lack it; at the end it gives an empty `Buffer`.
   *
   * @throws {RangeError} If the line is longer than the limit; what came of it is dropped.
   * @throws {InvalidStateError} If another task reads.
   * @throws {ConnectionResetError} If the connection was lost.
   */
  async readLine(): Promise<Buffer> {
    try {
      return await this.readUntil("\n");
    } catch (error) {
      if (error instanceof IncompleteReadError) return error.partial;
      if (error instanceof LimitOverrunError) throw this.#lineTooLong(error);
      throw error;
    }
  }

  #lineTooLong(cause: LimitOverrunError): RangeError {
    const { size, view } = this.#bytes;
    this.#take(view[cause.consumed] === newline ? cause.consumed + 1 : size);
    return new RangeError(
      `Cannot read a line as it must not exceed ${this.limit} bytes: current value is ${cause.consumed}`,
      { cause },
    );
  }

  /** Whether the source has ended and everything was read. */
  atEof(): boolean {
    return this.#ended && this.#bytes.size === 0;
  }

  /** The lines of the stream, to its end. Leaving the loop leaves the stream open. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const line = await this.readLine();
      if (line.length === 0) return;
      yield line;
    }
  }

  /**
   * Adds bytes to be read. They are not copied: leave them unchanged.
   *
   * @throws {InvalidStateError} If the stream was ended.
   */
  feedData(bytes: Uint8Array): void {
    if (this.#ended) throw new InvalidStateError("Cannot feed a stream as it has ended");
    if (bytes.byteLength === 0) return;
    this.#bytes.append(bytes);
    this.#waiters.serveAll();
    if (this.#bytes.size > 2 * this.limit) this.#pause();
  }

  /** Ends the stream: when all bytes have been read, reads find the end. */
  feedEof(): void {
    this.#ended = true;
    this.#waiters.serveAll();
  }

  /** Makes every read fail that the bytes which have come do not satisfy. */
  setException(error: unknown): void {
    this.#failed = true;
    this.#error = error;
    this.#waiters.serveAll();
  }

  /** What it knows of itself. */
  statistics(): StreamReaderStatistics {
    return { buffered: this.#bytes.size, paused: this.#paused, ended: this.#ended, waiting: this.#waiters.size > 0 };
  }

  /** @internal Sets where its bytes come from. */
  setSource(source: Source | undefined): void {
    this.#source = source;
    this.#paused = false;
  }

  // Waits until it `isReady` or the stream ends, and takes: nothing is taken by a read that is cancelled.
  async #read(isReady: () => boolean, take: () => Buffer): Promise<Buffer> {
    throwPending(currentScope());
    if (this.#reading) throw new InvalidStateError("Cannot read from the stream as another task reads from it");
    this.#reading = true;
    try {
      const pause = maybeYield();
      if (pause !== undefined) await pause;
      while (!isReady() && !this.#ended) await this.#moreBytes();
      return take();
    } finally {
      this.#reading = false;
    }
  }

  async #moreBytes(): Promise<void> {
    if (this.#failed) throw this.#error;
    this.#resume();
    await this.#waiters.wait(this);
  }

  #take(count: number): Buffer {
    const taken = this.#bytes.take(count);
    if (this.#bytes.size <= this.limit) this.#resume();
    return taken;
  }

  #pause(): void {
    if (this.#paused || this.#source === undefined) return;
    this.#paused = true;
    this.#source.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source?.resume();
  }
}

const newline = 10;

function never(): boolean {
  return false;
}
