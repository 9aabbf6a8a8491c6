/** How many bytes a client may send that serve nothing. */
export interface OverheadLimits {
  /** How many in a row. */
  readonly overheadBurst: number;
  /** How many a second. */
  readonly overheadRate: number;
}

/** What a frame takes beyond its payload. */
const frameHead = 9;
/** From this length on the head of a frame does not count. */
const shortFrame = 1_024;

/**
 * Counts what a client sends beyond what serves a request. `node:http2` does not report single frames, and guards against
 * floods of some of them only if they come all at once; but what came over the socket is known, and what of it was of use.
 *
 *     allowance: full at `overheadBurst`, filled with `overheadRate` a second
 *     taken from it: bytes read - heads served - bodies - bytes of responses (their WINDOW_UPDATE is less)
 *
 * Bytes of a body that the session holds back are counted as read before they are counted as of use, so the allowance may
 * fall below zero by as much as can be held back.
 */
export class OverheadWatch {
  readonly #limits: OverheadLimits;
  #allowance: number;
  #useful = 0;
  #overhead: number;
  #lookedAt: number = performance.now();

  /** @param bytesRead How many bytes had come before. */
  constructor(limits: OverheadLimits, bytesRead: number) {
    this.#limits = limits;
    this.#allowance = limits.overheadBurst;
    this.#overhead = bytesRead;
  }

  /** Bytes were of use. */
  use(bytes: number): void {
    this.#useful += bytes;
  }

  /** A piece of a body has come. */
  usePiece(bytes: number): void {
    this.#useful += bytes < shortFrame ? bytes : bytes + frameHead;
  }

  /** What came since it was last looked is not counted. */
  ignore(bytesRead: number): void {
    this.#overhead = bytesRead - this.#useful;
  }

  /** Looks whether the client has sent too much. @param heldBack How much of what it has sent may still prove to be of use. */
  look(bytesRead: number, heldBack: number): boolean {
    const now = performance.now();
    const filled = this.#allowance + ((now - this.#lookedAt) / 1_000) * this.#limits.overheadRate;
    const overhead = bytesRead - this.#useful;
    this.#allowance = Math.min(this.#limits.overheadBurst, filled - (overhead - this.#overhead));
    this.#overhead = overhead;
    this.#lookedAt = now;
    return this.#allowance < -heldBack;
  }
}
