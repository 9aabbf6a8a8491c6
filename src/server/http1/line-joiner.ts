import { LF } from "./octets.ts";

/** What reads lines: a head, a chunk's size, trailers. */
export interface LineTaker {
  /** Whether the next byte is no longer its own. */
  readonly isDone: boolean;
  /**
   * Takes the lines that are complete in `bytes` between `from` and `to`, until it is done or only half a line is left.
   * Returns the position behind what it took.
   *
   * @throws {ParseFault} If a line is malformed or too long.
   */
  takeLines(bytes: Buffer, from: number, to: number): number;
  /**
   * Checks the length of half a line: of `length` bytes that are there, of which `last` is the last one.
   *
   * @throws {ParseFault} If a line that begins so is too long, however it goes on.
   */
  checkHalf(length: number, last: number | undefined): void;
}

const none = Buffer.alloc(0);
/** The least memory, in bytes, that half a line is given. */
const smallest = 256;

/**
 * Joins the lines that come in pieces. Where a line is complete in what was pushed, it is read where it lies; otherwise
 * its pieces are collected and it is read once, when its LF is there. In between only its length is checked, so that a
 * client that sends byte by byte costs no more than linear time, and no more memory than the longest line.
 */
export class LineJoiner {
  #bytes: Buffer = none;
  #length = 0;

  /** The first byte of the half line that is kept; `undefined` if none is. */
  get first(): number | undefined {
    return this.#length === 0 ? undefined : this.#bytes[0];
  }

  /**
   * Hands lines to `taker` until it is done or `bytes` are taken, and keeps half a line that is left. Returns the position
   * behind what was taken.
   *
   * @throws {ParseFault} What `taker` throws.
   */
  feed(taker: LineTaker, bytes: Buffer, from: number): number {
    let at = from;
    if (this.#length > 0) {
      const lf = bytes.indexOf(LF, at);
      this.#keep(taker, bytes, at, lf < 0 ? bytes.length : lf);
      if (lf < 0) return bytes.length;
      at = lf + 1;
      this.#takeKept(taker);
      if (taker.isDone) return at;
    }
    at = taker.takeLines(bytes, at, bytes.length);
    if (taker.isDone || at === bytes.length) return at;
    this.#keep(taker, bytes, at, bytes.length);
    return bytes.length;
  }

  /** Gives the memory back, between requests. */
  release(): void {
    this.#bytes = none;
    this.#length = 0;
  }

  #keep(taker: LineTaker, bytes: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    taker.checkHalf(length, to > from ? bytes[to - 1] : this.#bytes[this.#length - 1]);
    // With room for the LF.
    if (length >= this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(smallest, 2 * length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    bytes.copy(this.#bytes, this.#length, from, to);
    this.#length = length;
  }

  #takeKept(taker: LineTaker): void {
    const length = this.#length + 1;
    this.#bytes[this.#length] = LF;
    this.#length = 0;
    taker.takeLines(this.#bytes, 0, length);
  }
}
