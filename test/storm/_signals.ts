import { Barrier, BrokenBarrierError, Condition, Event } from "../../src/asyncio/index.ts";
import type { Act, Scenario } from "./_round.ts";
import type { World } from "./_world.ts";

/** Producers and consumers of items, who tell each other by a condition. */
export const condition: Scenario = {
  name: "Condition",
  setUp(world) {
    const it = new Condition();
    const stock = new Stock(world, it);
    return {
      isAt: (park) => park.resource === it,
      step: () => (world.chance(0.45) ? stock.produce() : stock.consume()),
      atRest: () => stock.checkAtRest(),
      wrapUp: () => stock.close(),
      atEnd: () => world.require(!it.locked, "the lock is held by nobody"),
    };
  },
};

class Stock {
  readonly #world: World;
  readonly #condition: Condition;
  #items = 0;
  #isClosed = false;
  #inside = 0;

  constructor(world: World, it: Condition) {
    this.#world = world;
    this.#condition = it;
  }

  async produce(): Promise<void> {
    await this.#condition.with(() => this.#alone(() => this.#add()));
    this.#world.disturb();
  }

  async consume(): Promise<void> {
    const world = this.#world;
    await this.#condition.with(async () => {
      while (this.#items === 0 && !this.#isClosed) {
        try {
          await world.attempt(() => this.#condition.wait());
        } finally {
          // Cancelled or not, whoever has waited holds the lock again.
          world.require(this.#condition.locked, "a wait ended without the lock");
          await this.#alone(() => undefined);
        }
      }
      if (this.#items > 0) this.#items--;
    });
  }

  #add(): void {
    this.#items++;
    this.#condition.notify();
    this.#world.disturb();
  }

  async #alone(fn: () => void): Promise<void> {
    this.#world.require(++this.#inside === 1, `${this.#inside} hold the lock`);
    try {
      await this.#world.hop();
      fn();
    } finally {
      this.#inside--;
    }
  }

  checkAtRest(): void {
    const { locked, waiting } = this.#condition.statistics();
    this.#world.require(!locked, "everybody waits and somebody holds the lock");
    this.#world.require(waiting === 0 || this.#items === 0, `${waiting} wait while there are ${this.#items} items`);
  }

  close(): void {
    this.#isClosed = true;
    this.#world.start("closer", () => this.#condition.with(async () => this.#condition.notifyAll()));
  }
}

/** A flag that is set and cleared. */
export const event: Scenario = {
  name: "Event",
  setUp(world) {
    const it = new Event();
    const set = (): void => {
      it.set();
      world.disturb();
      if (world.chance(0.5) && !world.isOver) it.clear();
    };
    const wait = async (): Promise<void> => {
      const value = await world.attempt(() => it.wait());
      world.require(value, `an event's wait gave ${String(value)}`);
    };
    return {
      isAt: (park) => park.resource === it,
      step: async () => {
        if (world.chance(0.2)) set();
        else if (world.chance(0.3) && !world.isOver) it.clear();
        else await wait();
      },
      atRest: () => world.require(!it.isSet() || it.statistics().waiting === 0, "tasks wait for an event that is set"),
      wrapUp: () => it.set(),
      atEnd: () => world.require(it.statistics().waiting === 0, "tasks wait at the end"),
    };
  },
};

/** A barrier that is passed again and again. */
export const barrier: Scenario = { name: "Barrier", setUp: barrierAct };

function barrierAct(world: World): Act {
  const it = new Barrier(2 + world.int(2));
  // How often each number was given, and how many passed but were cancelled before they heard of it.
  const given = Array.from({ length: it.parties }, () => 0);
  let lost = 0;
  const arrive = async (): Promise<void> => {
    let woken = false;
    try {
      const index = await world.attempt(async () => {
        try {
          return await it.wait();
        } catch (error) {
          woken = world.standing === "woken";
          throw error;
        }
      });
      given[index]!++;
      world.disturb();
    } catch (error) {
      if (error instanceof BrokenBarrierError) return;
      if (woken) lost++;
      throw error;
    }
  };
  const check = (): void => {
    const openings = given.at(-1)!;
    const passed = given.reduce((sum, count) => sum + count, lost);
    world.require(it.waiting < it.parties, `${it.waiting} wait at a barrier for ${it.parties}`);
    world.require(
      passed === openings * it.parties,
      `${passed} passed, although it opened ${openings} times for ${it.parties}`,
    );
    world.require(
      given.every((count) => count <= openings),
      `numbers were given twice: ${given.join(" ")}`,
    );
  };
  return { isAt: (park) => park.resource === it, step: arrive, atRest: check, wrapUp: () => it.abort() };
}
