import { type Park, park, type Resource } from "../../asyncio/index.ts";

/** @internal Those who wait for a thing, first come, first served. Who is cancelled leaves the line at once. */
export class Line<T> {
  readonly #waits = new Set<Park<T>>();

  /** How many wait. */
  get size(): number {
    return this.#waits.size;
  }

  /** Waits to be given one. */
  wait(resource: Resource): Promise<T> {
    let own: Park<T> | undefined;
    const join = (wait: Park<T>): void => void this.#waits.add((own = wait));
    return park(resource, join, (error) => {
      this.#waits.delete(own!);
      own!.fail(error);
    });
  }

  /** Gives `thing` to the first who still waits. Returns whose wait it was, if there was one. */
  serve(thing: T): Park<T> | undefined {
    for (const wait of this.#waits) {
      this.#waits.delete(wait);
      if (wait.wake(thing)) return wait;
    }
    return undefined;
  }

  /** Ends the wait of the first by an error. Returns whether there was one. */
  fail(error: unknown): boolean {
    for (const wait of this.#waits) {
      this.#waits.delete(wait);
      if (wait.fail(error)) return true;
    }
    return false;
  }

  /** Ends all waits by an error. */
  failAll(makeError: () => Error): void {
    while (this.fail(makeError()));
  }
}
