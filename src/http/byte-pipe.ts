import { InvalidStateError, park, type Park, type Resource } from "../asyncio/index.ts";
import { noop } from "../base/noop.ts";

/** What a {@link BytePipe} is told when it is made. */
export interface BytePipeOptions {
  /** What it is, for those who look at who waits on what. */
  readonly name: string;
  /** From how many bytes on it counts as full. */
  readonly bound: number;
  /** Called when it has been full and has room again. */
  readonly onRoom?: () => void;
}

/**
 * Bytes on their way from one writer to one reader. It never refuses a piece, so that nothing that has arrived is
 * lost. It tells when it is full, and the writer must stop then until there is room. So it can exceed its bound by one
 * piece.
 */
export class BytePipe {
  readonly #options: BytePipeOptions;
  readonly #readable: Resource;
  readonly #writable: Resource;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #discarding = false;
  #error: Error | undefined;
  #reader: Park<void> | undefined;
  #writer: Park<void> | undefined;

  constructor(options: BytePipeOptions) {
    this.#options = options;
    this.#readable = { kind: "read", name: options.name };
    this.#writable = { kind: "write", name: options.name };
  }

  /** How many bytes are in it. */
  get size(): number {
    return this.#size;
  }

  /** Whether it holds as much as it should, or more. */
  get isFull(): boolean {
    return this.#size >= this.#options.bound;
  }

  /** Whether its end was written, or it failed. */
  get isEnded(): boolean {
    return this.#ended || this.#error !== undefined;
  }

  /** Whether later pieces are dropped, because there is no reader any more. */
  get isDiscarding(): boolean {
    return this.#discarding;
  }

  /** Puts a piece in. What is put into one that failed, ended or discards is dropped. Returns whether there is room for more. */
  push(chunk: Uint8Array): boolean {
    if (this.isEnded || this.#discarding || chunk.byteLength === 0) return true;
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    this.#reader?.wake();
    return !this.isFull;
  }

  /** Waits until there is room. @throws Whatever the pipe failed with. */
  async room(): Promise<void> {
    while (this.isFull) await this.#wait("writer", this.#writable);
    if (this.#error !== undefined) throw this.#error;
  }

  /** Says that nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#reader?.wake();
  }

  /** Breaks it off: what is in it is dropped, and both who reads and who waits for room get `error`. */
  fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#drop();
    this.#reader?.wake();
  }

  /** Drops what is in it and whatever comes from now on: there will be no reader. */
  discard(): void {
    this.#discarding = true;
    this.#drop();
  }

  /**
   * Waits for the next piece; `undefined` means that there are no more.
   *
   * @throws {InvalidStateError} If another task waits for it already.
   * @throws Whatever the pipe failed with.
   */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#take();
      if (chunk !== undefined) return chunk;
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return undefined;
      await this.#wait("reader", this.#readable);
    }
  }

  #take(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.#shrink(chunk.byteLength);
    return chunk;
  }

  #drop(): void {
    this.#chunks = [];
    this.#shrink(this.#size);
  }

  #shrink(bytes: number): void {
    const wasFull = this.isFull;
    this.#size -= bytes;
    if (!wasFull || this.isFull) return;
    this.#writer?.wake();
    this.#options.onRoom?.();
  }

  /** Waits to be told to look again. Nothing is handed over by it, so that nothing is lost if the wait is cancelled. */
  async #wait(side: "reader" | "writer", resource: Resource): Promise<void> {
    const waiting = side === "reader" ? this.#reader : this.#writer;
    if (waiting?.isWaiting) {
      throw new InvalidStateError(
        `Cannot ${resource.kind} ${this.#options.name} as another task is waiting to ${resource.kind} it`,
      );
    }
    const start = (wait: Park<void>): void => {
      if (side === "reader") this.#reader = wait;
      else this.#writer = wait;
    };
    // Woken and cancelled in the same turn: then nothing may be taken.
    await park<void>(resource, start, { giveBack: noop });
  }
}
