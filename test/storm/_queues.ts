import {
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  race,
  sleep,
} from "../../src/asyncio/index.ts";
import type { Act, Scenario } from "./_round.ts";
import type { World } from "./_world.ts";

/** A first-in-first-out queue, with and without a bound. */
export const queue: Scenario = {
  name: "Queue",
  setUp: (world) => queueAct(world, new Queue(world.pick([1, 2, 3, Infinity]))),
};

/** A queue that gives the last item first. */
export const lifoQueue: Scenario = {
  name: "LifoQueue",
  setUp: (world) => queueAct(world, new LifoQueue(world.pick([1, 2, 3, Infinity]))),
};

/** A queue that gives the smallest item first. */
export const priorityQueue: Scenario = {
  name: "PriorityQueue",
  setUp: (world) => queueAct(world, new PriorityQueue(world.pick([1, 2, 3, Infinity]))),
};

function queueAct(world: World, store: Queue<number>): Act {
  const ledger = new Ledger(world);
  const take = async (): Promise<void> => {
    ledger.take(await world.attempt(() => store.get()));
    store.taskDone();
    world.disturb();
  };
  const steps = [
    () => put(world, store, ledger),
    () => put(world, store, ledger),
    take,
    take,
    () => takeSome(world, store, ledger),
    () => takeInRace(world, store, ledger),
    async () => putNowait(world, store, ledger),
    async () => takeNowait(store, ledger),
    () => (world.chance(0.1) ? world.attempt(() => store.join()) : take()),
  ];
  return {
    isAt: (park) => park.resource === store,
    step: () => untilShutDown(world, world.pick(steps)),
    atRest: () => checkAtRest(world, store),
    wrapUp: () => shutDown(world, store, ledger),
    atEnd: () => {
      ledger.checkAllTaken();
      world.require(store.statistics().unfinished === 0, "items are unfinished at the end");
    },
  };
}

// Where each item is: an item is put once and taken once.
class Ledger {
  readonly #world: World;
  readonly #places = new Map<number, "offered" | "in" | "taken" | "withdrawn">();
  #items = 0;

  constructor(world: World) {
    this.#world = world;
  }

  offer(): number {
    this.#places.set(++this.#items, "offered");
    return this.#items;
  }

  // It may have been taken before its producer runs again.
  accept(item: number): void {
    if (this.#places.get(item) === "offered") this.#places.set(item, "in");
  }

  withdraw(item: number): void {
    this.#world.require(this.#places.get(item) === "offered", `item ${item} was taken, although its put was cancelled`);
    this.#places.set(item, "withdrawn");
  }

  take(item: number): void {
    const place = this.#places.get(item);
    this.#world.require(place === "in" || place === "offered", `item ${item} was taken although it was ${place}`);
    this.#places.set(item, "taken");
  }

  checkAllTaken(): void {
    for (const [item, place] of this.#places) this.#world.require(place !== "in", `item ${item} is lost`);
  }
}

// Items come, consumers are cancelled and the queue is shut down, all in one turn. What is in it is still taken.
function shutDown(world: World, store: Queue<number>, ledger: Ledger): void {
  for (let items = world.int(4); items > 0; items--) putNowait(world, store, ledger);
  for (let strikes = world.int(4); strikes > 0; strikes--) world.strike();
  store.shutdown();
  world.start("drainer", async () => {
    for await (const item of store) {
      ledger.take(item);
      store.taskDone();
    }
  });
}

async function untilShutDown(world: World, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error;
    world.require(world.isOver, "an open queue says that it is shut down");
  }
}

async function put(world: World, store: Queue<number>, ledger: Ledger): Promise<void> {
  const item = ledger.offer();
  try {
    await world.attempt(() => store.put(item));
  } catch (error) {
    ledger.withdraw(item);
    throw error;
  }
  ledger.accept(item);
  world.disturb();
}

function putNowait(world: World, store: Queue<number>, ledger: Ledger): void {
  const item = ledger.offer();
  try {
    store.putNowait(item);
  } catch (error) {
    ledger.withdraw(item);
    if (error instanceof QueueFull) return;
    throw error;
  }
  ledger.accept(item);
  world.disturb();
}

function takeNowait(store: Queue<number>, ledger: Ledger): void {
  try {
    ledger.take(store.getNowait());
  } catch (error) {
    if (error instanceof QueueEmpty) return;
    throw error;
  }
  store.taskDone();
}

async function takeSome(world: World, store: Queue<number>, ledger: Ledger): Promise<void> {
  let wanted = 1 + world.int(3);
  await world.attempt(async () => {
    for await (const item of store) {
      ledger.take(item);
      store.taskDone();
      world.disturb();
      if (--wanted === 0) return;
    }
  });
}

// The loser takes nothing: each taker enters what it took before anything else can happen.
async function takeInRace(world: World, store: Queue<number>, ledger: Ledger): Promise<void> {
  const take = async (): Promise<void> => {
    ledger.take(await store.get());
    store.taskDone();
  };
  await race(take, take, () => sleep(1 + world.int(3)));
}

function checkAtRest(world: World, store: Queue<number>): void {
  const { size, maxsize, getters, putters } = store.statistics();
  world.require(getters === 0 || size === 0, `${getters} wait for an item while there are ${size}`);
  world.require(
    putters === 0 || size >= maxsize,
    `${putters} wait for room while there is some: ${size} of ${maxsize}`,
  );
  world.require(size <= maxsize, `${size} items are in a queue that takes ${maxsize}`);
}
