// What reads iterators ahead: every source that was opened is closed when its reader is gone, and its items come once.

import { buffer, chunk, isCancelled, merge, sleep, take } from "../../src/asyncio/index.ts";
import { combinatorAct, tolerate } from "./_jobs.ts";
import type { Scenario } from "./_round.ts";
import { Boom, isPlanned, type World } from "./_world.ts";

/** Sources that are read at once. */
export const merging: Scenario = {
  name: "merge",
  mayReport: isPlanned,
  setUp: (world) => combinatorAct(world, runMerge),
};

/** A source that is read ahead. */
export const buffering: Scenario = {
  name: "buffer",
  mayReport: isPlanned,
  setUp: (world) => combinatorAct(world, runBuffer),
};

/** A source whose items come in lists, at once or when time is over. */
export const chunking: Scenario = {
  name: "chunk",
  mayReport: isPlanned,
  setUp: (world) => combinatorAct(world, runChunk),
};

async function runMerge(world: World): Promise<void> {
  await read(world, (sources) => merge(...Array.from({ length: 1 + world.int(3) }, () => sources.open())));
}

async function runBuffer(world: World): Promise<void> {
  await read(world, (sources) => buffer(sources.open(), world.pick([1, 2, Infinity])));
}

async function runChunk(world: World): Promise<void> {
  await read(world, (sources) =>
    flat(chunk(sources.open(), { size: 1 + world.int(3), ms: world.pick([1, 2, Infinity]) })),
  );
}

async function* flat(lists: AsyncIterable<number[]>): AsyncGenerator<number, void, void> {
  for await (const list of lists) yield* list;
}

async function read(world: World, open: (sources: Sources) => AsyncIterable<number>): Promise<void> {
  const sources = new Sources(world);
  let wanted = world.pick([1, 2, 3, Infinity]);
  await world.elsewhere();
  try {
    await world.attempt(async () => {
      const items = world.chance(0.2) ? take(open(sources), 1 + world.int(3)) : open(sources);
      for await (const item of items) {
        sources.took(item);
        world.disturb();
        if (world.chance(0.3)) await world.elsewhere();
        if (world.chance(0.3)) await sleep(world.int(3));
        if (world.chance(0.05)) throw new Boom("planned");
        if (--wanted === 0) break;
      }
    });
  } catch (error) {
    tolerate(world, error, Boom);
    // A cancellation that came with the error of a source is what the next wait meets.
    if (isCancelled(error)) throw error;
  } finally {
    sources.requireClosed();
  }
}

/** The sources of one reader: numbers in order, with a wait before each, and a clean-up that waits. */
class Sources {
  readonly #world: World;
  readonly #taken: Map<number, number> = new Map();
  #opened = 0;
  #open = 0;
  #cleaning = 0;

  constructor(world: World) {
    this.#world = world;
  }

  open(): AsyncGenerator<number, void, void> {
    return this.#numbers(this.#opened++);
  }

  async *#numbers(source: number): AsyncGenerator<number, void, void> {
    const world = this.#world;
    this.#open++;
    try {
      for (let item = 0; item < 4; item++) {
        await world.elsewhere();
        if (world.chance(0.5)) await sleep(world.int(3));
        if (world.chance(0.05)) throw new Boom("planned");
        yield source * 1_000 + item;
      }
    } finally {
      this.#open--;
      await this.#cleanUp();
    }
  }

  // A second cancellation may cut it, but nothing goes on beside it.
  async #cleanUp(): Promise<void> {
    this.#cleaning++;
    try {
      if (this.#world.chance(0.3)) await sleep(1);
    } finally {
      this.#cleaning--;
    }
  }

  took(item: number): void {
    const [source, index] = [Math.floor(item / 1_000), item % 1_000];
    const expected = this.#taken.get(source) ?? 0;
    this.#world.require(index === expected, `item ${index} of source ${source} came where ${expected} was due`);
    this.#taken.set(source, index + 1);
  }

  requireClosed(): void {
    this.#world.require(this.#open === 0, `${this.#open} sources are open after their reader`);
    this.#world.require(this.#cleaning === 0, `${this.#cleaning} sources still clean up after their reader`);
  }
}
