import { maybeYield, currentScope, InvalidStateError, type Resource, throwPending, WaitQueue } from "../core/index.ts";
import { requireCount } from "../../base/options.ts";
import { ByteBuffer } from "./_byte-buffer.ts";
import { type Match, type Separator, SeparatorSearch, toSeparators } from "./_separator.ts";
import { IncompleteReadError, LimitOverrunError } from "./errors.ts";

/** How many bytes a line may have. A reader asks its source to pause when it holds more than twice as many. */
export const defaultLimit = 65_536;

/** Options of a {@link StreamReader}. */
export interface StreamReaderOptions {
  /** How many bytes `readLine` and `readUntil` search for a separator. @default 65_536 */
  readonly limit?: number;
  /** The reader's name, as shown by inspectors. */
  readonly name?: string;
}

/** @internal The source of a reader's bytes. */
export interface Source {
  pause(): void;
  resume(): void;
}

/** Current state of a {@link StreamReader}, for monitoring. */
export interface StreamReaderStatistics {
  /** How many bytes have arrived and are not read yet. */
  readonly buffered: number;
  /** Whether the source was asked to pause. */
  readonly paused: boolean;
  /** Whether the source has ended. */
  readonly ended: boolean;
  /** Whether a task waits for bytes. */
  readonly waiting: boolean;
}

/**
 * The reading end of a byte stream; returns bytes as `Buffer`s. One task at a time can read. A cancelled read takes no
 * bytes.
 *
 * The reader holds little more than twice its limit: beyond that the peer has to wait, unless one read asks for more
 * bytes.
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
  /** How many bytes `readLine` and `readUntil` search for a separator. */
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
   * Reads up to `count` bytes, as soon as there are any; without `count`, reads until the end of the stream. At the end
   * it returns an empty `Buffer`.
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
   * @throws {IncompleteReadError} If the stream ends before that.
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
   * Reads up to a separator, and returns the bytes up to and including the separator. If there are several separators,
   * the one that ends first counts.
   *
   * @throws {RangeError} If no separator is given, or an empty one.
   * @throws {LimitOverrunError} If no separator is found within the limit; the bytes stay in the reader.
   * @throws {IncompleteReadError} If the stream ends before a separator; `partial` has the bytes that arrived.
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
   * Reads a line, with its "\n". The last line may lack the "\n"; at the end of the stream it returns an empty
   * `Buffer`.
   *
   * @throws {RangeError} If the line is longer than the limit; the part that has arrived is dropped.
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

  /** Whether the source has ended and all bytes have been read. */
  atEof(): boolean {
    return this.#ended && this.#bytes.size === 0;
  }

  /** The lines of the stream, up to its end. Leaving the loop early leaves the stream open. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const line = await this.readLine();
      if (line.length === 0) return;
      yield line;
    }
  }

  /**
   * Adds bytes to be read. They are not copied: do not change them afterwards.
   *
   * @throws {InvalidStateError} If the stream has ended.
   */
  feedData(bytes: Uint8Array): void {
    if (this.#ended) throw new InvalidStateError("Cannot feed a stream as it has ended");
    if (bytes.byteLength === 0) return;
    this.#bytes.append(bytes);
    this.#waiters.serveAll();
    if (this.#bytes.size > 2 * this.limit) this.#pause();
  }

  /** Ends the stream: when all bytes have been read, further reads find the end. */
  feedEof(): void {
    this.#ended = true;
    this.#waiters.serveAll();
  }

  /** Makes reads fail with `error`, except those that the bytes in the buffer can still serve. */
  setException(error: unknown): void {
    this.#failed = true;
    this.#error = error;
    this.#waiters.serveAll();
  }

  /** Current state, for monitoring. */
  statistics(): StreamReaderStatistics {
    return { buffered: this.#bytes.size, paused: this.#paused, ended: this.#ended, waiting: this.#waiters.size > 0 };
  }

  /** @internal Sets the source of the reader's bytes. */
  setSource(source: Source | undefined): void {
    this.#source = source;
    this.#paused = false;
  }

  // Waits until `isReady` or the end of the stream, and only then takes bytes: so a cancelled read takes none.
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
