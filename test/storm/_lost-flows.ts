// Flows that a lost `Promise.race` has forgotten, at what only one may hold.

import { Condition, InvalidStateError, Lock, moveOnAfter, Semaphore, sleep } from "../../src/asyncio/index.ts";
import { combinatorAct, tolerate } from "./_jobs.ts";
import type { Act, Scenario } from "./_round.ts";
import { isOfFlows, type World } from "./_world.ts";

/** A condition whose waiters are lost by `Promise.race`. */
export const lostWait: Scenario = {
  name: "Condition lost",
  mayReport: isOfFlows,
  setUp(world) {
    const it = new Condition();
    const alone = new Alone(world, () => it.locked);
    const wait = (): Promise<void> =>
      it.with(async () => {
        try {
          await alone.visit();
          await it.wait();
        } finally {
          // Cancelled, lost or notified: whatever comes out of wait() holds the lock.
          await alone.visit();
        }
      });
    const tell = (): Promise<void> =>
      it.with(async () => {
        await alone.visit();
        if (world.chance(0.5)) it.notify(1 + world.int(2));
        else it.notifyAll();
      });
    return {
      ...losingAct(world, it, wait, tell),
      wrapUp: () => world.start("closer", () => it.with(async () => it.notifyAll())),
      atEnd: () => world.require(!it.locked, "the lock is held at the end"),
    };
  },
};

/** A lock whose waiters and holders are lost by `Promise.race`. */
export const lostLock: Scenario = {
  name: "Lock lost",
  mayReport: isOfFlows,
  setUp(world) {
    const it = new Lock();
    const alone = new Alone(world, () => it.locked);
    const enter = (): Promise<void> => it.with(() => alone.visit());
    return {
      ...losingAct(world, it, enter, enter),
      atEnd: () => world.require(!it.locked, "the lock is held at the end"),
    };
  },
};

/** A semaphore whose waiters and holders are lost by `Promise.race`. */
export const lostPermit: Scenario = {
  name: "Semaphore lost",
  mayReport: isOfFlows,
  setUp(world) {
    const it = new Semaphore(1);
    const alone = new Alone(world, () => it.statistics().value === 0);
    const enter = (): Promise<void> => it.with(() => alone.visit());
    return {
      ...losingAct(world, it, enter, enter),
      atEnd: () => world.require(it.statistics().value === 1, "a permit is lost at the end"),
    };
  },
};

/** Flows that are lost while the code that lost them goes on, which must hear of its cancellation. */
export const lostRace: Scenario = {
  name: "race lost",
  mayReport: isOfFlows,
  setUp: (world) =>
    combinatorAct(world, async () => {
      await world.attempt(() =>
        moveOnAfter(1 + world.int(3), async () => {
          await Promise.race([sleep(5), world.chance(0.5) ? world.foreign(1) : sleep(1)]);
          await world.elsewhere();
          await sleep(1);
        }),
      );
    }),
};

function losingAct(
  world: World,
  resource: object,
  enter: () => Promise<void>,
  also: () => Promise<void>,
): Pick<Act, "isAt" | "step"> {
  return {
    isAt: (park) => park.resource === resource,
    step: async () => {
      try {
        await (world.chance(0.4) ? also() : world.attempt(() => lose(world, enter)));
      } catch (error) {
        // A release that finds its lock taken away says so; that it was taken away is found by who is alone.
        tolerate(world, error, InvalidStateError);
      }
      // A cancellation may have met the lost flow alone: see "race lost".
      world.forgive();
      world.disturb();
    },
  };
}

async function lose(world: World, enter: () => Promise<void>): Promise<void> {
  await moveOnAfter(1 + world.int(3), async () => {
    await world.hop();
    await Promise.race([enter(), world.chance(0.5) ? enter() : world.foreign(1), sleep(1 + world.int(2))]);
    if (world.chance(0.3)) await sleep(1);
  });
}

/** Where only one may be at a time, and only while the lock is held. */
class Alone {
  readonly #world: World;
  readonly #isHeld: () => boolean;
  #inside = 0;

  constructor(world: World, isHeld: () => boolean) {
    this.#world = world;
    this.#isHeld = isHeld;
  }

  async visit(): Promise<void> {
    this.#world.require(++this.#inside === 1, `${this.#inside} are inside at once`);
    this.#world.require(this.#isHeld(), "one is inside although nobody holds the lock");
    try {
      await this.#world.hop();
      if (this.#world.chance(0.2)) await sleep(1);
    } finally {
      this.#inside--;
    }
  }
}
