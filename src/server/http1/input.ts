import type { Socket } from "node:net";
import { RingBuffer } from "../../base/ring-buffer.ts";
import type { RequestParser } from "./request-parser.ts";

/** The bounds of what arrives on a connection, in bytes. */
export interface InputLimits {
  /** How much is kept before the client is held back. */
  readonly bodyBuffer: number;
  /** How much that is not wanted is dropped. */
  readonly discardLimit: number;
}

/**
 * What arrives on a connection:
 *
 *     socket ──> take ──> feed ──> parser
 *                 │         └──> what the parser leaves, as a request ends in it, comes before all that is kept
 *                 ├──> kept, until the request before it is answered
 *                 └──> dropped, and counted
 */
export class Input {
  readonly #socket: Socket;
  readonly #parser: RequestParser;
  readonly #limits: InputLimits;
  #pending: RingBuffer<Buffer> | undefined;
  #pendingBytes = 0;
  #isFeeding = false;
  #discarded = 0;

  constructor(socket: Socket, parser: RequestParser, limits: InputLimits) {
    this.#socket = socket;
    this.#parser = parser;
    this.#limits = limits;
  }

  /** Whether the parser is at work: what it calls must leave the next step to the code that feeds it. */
  get isFeeding(): boolean {
    return this.#isFeeding;
  }

  /** Whether something is kept. */
  get isPending(): boolean {
    return this.#pendingBytes > 0;
  }

  /** Hands bytes to the parser. Returns how many it has taken: it stops behind a request. */
  feed(chunk: Buffer): number {
    this.#isFeeding = true;
    const taken = this.#parser.push(chunk);
    this.#isFeeding = false;
    return taken;
  }

  /** Keeps what comes behind all that is kept. A client that goes on is held back. */
  hold(chunk: Buffer): void {
    (this.#pending ??= new RingBuffer()).add(chunk);
    this.#pendingBytes += chunk.byteLength;
    if (this.#isFull) this.#socket.pause();
  }

  /** Keeps what comes before all that is kept. */
  unshift(chunk: Buffer): void {
    (this.#pending ??= new RingBuffer()).addFirst(chunk);
    this.#pendingBytes += chunk.byteLength;
  }

  /** Takes the first of what is kept. */
  next(): Buffer | undefined {
    const chunk = this.#pending?.take();
    if (chunk === undefined) return undefined;
    const wasFull = this.#isFull;
    this.#pendingBytes -= chunk.byteLength;
    if (wasFull) this.resume();
    return chunk;
  }

  /** Takes all that is kept, behind `first`. */
  takeAll(first: Buffer): Buffer {
    const bytes = [first];
    for (let chunk = this.#pending?.take(); chunk !== undefined; chunk = this.#pending?.take()) bytes.push(chunk);
    this.#pendingBytes = 0;
    return Buffer.concat(bytes);
  }

  /** Forgets what is kept. */
  forget(): void {
    this.#pending?.clear();
    this.#pendingBytes = 0;
  }

  /** Reads on, if there is room for what comes. */
  resume(): void {
    if (!this.#isFull) this.#socket.resume();
  }

  /** Counts bytes that are not wanted. Returns whether there are too many. */
  discard(bytes: number): boolean {
    this.#discarded += bytes;
    return this.#discarded > this.#limits.discardLimit;
  }

  /** Counts anew: a request begins. */
  forgetDiscarded(): void {
    this.#discarded = 0;
  }

  get #isFull(): boolean {
    return this.#pendingBytes >= this.#limits.bodyBuffer;
  }
}
