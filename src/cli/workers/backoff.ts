/** The first pause, in milliseconds. */
const shortest = 100;

/** The longest pause, in milliseconds. */
const longest = 10_000;

/** How long a worker must have run, in milliseconds, for the pauses to begin anew. */
const steadyAfter = 10_000;

/** The pauses before a worker that has ended is replaced: twice as long each time, until one has run for 10 s. */
export class Backoff {
  #next = shortest;

  /**
   * The pause before the next start, in milliseconds.
   *
   * @param ranFor - How long the worker has run that has ended, in milliseconds.
   */
  next(ranFor: number): number {
    const pause = ranFor >= steadyAfter ? shortest : this.#next;
    this.#next = Math.min(2 * pause, longest);
    return pause;
  }
}
