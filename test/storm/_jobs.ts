import { cancellationOf, currentTask, isCancelled, type Park, sleep } from "../../src/asyncio/index.ts";
import type { Act } from "./_round.ts";
import { Boom, type World } from "./_world.ts";

/** A combinator under storm: `run` combines jobs once. */
export function combinatorAct(world: World, run: (world: World, jobs: Jobs) => Promise<void>): Act {
  const jobs = new Jobs(world);
  return {
    isAt,
    step: async () => {
      await run(world, jobs);
      world.disturb();
    },
    atEnd: () => jobs.checkAtEnd(),
  };
}

// Whatever the worker waits for within the combinator counts, but for a turn, which the seed inserts anywhere.
function isAt({ resource }: Park): boolean {
  return resource.kind !== "turn";
}

/** The work that is combined: it takes a moment, may fail, and cleans up after itself. */
export class Jobs {
  running = 0;
  readonly #world: World;
  readonly #left: Jobs[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** A job that gives `value`, or fails. */
  of<T>(value: T, failing = 0): () => Promise<T> {
    return () => this.#run(value, failing);
  }

  async #run<T>(value: T, failing: number): Promise<T> {
    const world = this.#world;
    this.running++;
    try {
      await world.pause();
      if (world.chance(failing)) throw new Boom("planned");
      if (world.chance(0.5)) await sleep(world.int(3));
      world.disturb();
      return value;
    } finally {
      if (world.chance(0.3)) await world.hop();
      this.running--;
    }
  }

  /** Jobs of one combination: none may be running when it is over. */
  async together<T>(fn: (jobs: Jobs) => PromiseLike<T>): Promise<T> {
    const jobs = new Jobs(this.#world);
    try {
      return await fn(jobs);
    } finally {
      this.#world.require(jobs.running === 0, `${jobs.running} jobs still run after what combined them`);
    }
  }

  /**
   * As `together`, for flows that are no tasks: one that was woken when its scope ended runs on to its next wait, and
   * is thrown out there.
   */
  async soonTogether<T>(fn: (jobs: Jobs) => PromiseLike<T>): Promise<T> {
    const jobs = new Jobs(this.#world);
    try {
      return await fn(jobs);
    } finally {
      if (jobs.running > 0) this.#left.push(jobs);
    }
  }

  checkAtEnd(): void {
    this.#world.require(this.running === 0, `${this.running} jobs still run at the end`);
    const flows = this.#left.reduce((sum, { running }) => sum + running, 0);
    this.#world.require(flows === 0, `${flows} flows go on after their scope`);
  }
}

/**
 * Takes an error that may come; a cancellation that reached the worker may be its own or that of a task it awaited.
 * Any other error is a fault.
 */
export function tolerate(
  world: World,
  error: unknown,
  ...expected: (abstract new (...args: never[]) => Error)[]
): void {
  // An error of a job takes the place of a cancellation that came with it, as in asyncio.
  if (error instanceof Boom) world.forgive();
  if (expected.some((errorClass) => error instanceof errorClass)) return;
  if (!isCancelled(error) || currentTask()!.cancelling() > 0) throw error;
  world.require(
    cancellationOf(error)?.reason === "storm",
    `a cancellation came from nowhere: ${String(cancellationOf(error)?.reason)}`,
  );
}
