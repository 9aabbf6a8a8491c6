/** How many milliseconds a slow body is let be. */
const grace = 5_000;

/** How fast a body arrives, over the time in which it was wanted. */
export class BodyPace {
  #bytes = 0;
  #time = 0;
  #lookedAt: number | undefined;

  /** A piece has come. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /**
   * Looks whether fewer than `rate` bytes a second have come. The time before a look counts if the body was wanted then: a
   * client that is held back is not slow.
   */
  look(now: number, isWanted: boolean, rate: number): boolean {
    if (isWanted) this.#time += now - (this.#lookedAt ?? now);
    this.#lookedAt = now;
    return this.#time > grace && this.#bytes < (rate * this.#time) / 1_000;
  }
}
