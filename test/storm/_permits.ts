import { BoundedSemaphore, CapacityLimiter, Lock, Semaphore } from "../../src/asyncio/index.ts";
import type { Act, Scenario } from "./_round.ts";
import type { World } from "./_world.ts";

/** Whatever lets only so many in at once. */
interface Gate {
  /** Waits for entry; gives the way out. */
  enter(): Promise<() => void>;
  /** Does something inside. */
  with(fn: () => Promise<void>): Promise<void>;
  /** How many may be inside. */
  capacity(): number;
  /** How many more it would let in, and how many wait. */
  look(): { free: number; waiting: number };
  /** Perhaps changes its capacity. */
  change?(): void;
}

/** A lock: one at a time. */
export const lock: Scenario = {
  name: "Lock",
  setUp(world) {
    const it = new Lock();
    const look = (): { free: number; waiting: number } => ({
      free: it.locked ? 0 : 1,
      waiting: it.statistics().waiting,
    });
    return gateAct(world, it, { ...releasing(it), capacity: () => 1, look });
  },
};

/** A semaphore. */
export const semaphore: Scenario = { name: "Semaphore", setUp: (world) => semaphoreAct(world, Semaphore) };

/** A semaphore that refuses one release too many. */
export const boundedSemaphore: Scenario = {
  name: "BoundedSemaphore",
  setUp: (world) => semaphoreAct(world, BoundedSemaphore),
};

function semaphoreAct(world: World, Kind: typeof Semaphore): Act {
  const permits = 1 + world.int(3);
  const it = new Kind(permits);
  const look = (): { free: number; waiting: number } => ({
    free: it.statistics().value,
    waiting: it.statistics().waiting,
  });
  return gateAct(world, it, { ...releasing(it), capacity: () => permits, look });
}

/** A limiter that knows its borrowers, and whose number of tokens changes. */
export const capacityLimiter: Scenario = {
  name: "CapacityLimiter",
  setUp(world) {
    const it = new CapacityLimiter(1 + world.int(3));
    return gateAct(world, it, {
      async enter() {
        const borrower = {};
        await it.acquireOnBehalfOf(borrower);
        return () => it.releaseOnBehalfOf(borrower);
      },
      with: (fn) => it.with(fn),
      capacity: () => 3,
      look: () => ({ free: it.availableTokens, waiting: it.statistics().waiting }),
      change: () => {
        it.totalTokens = 1 + world.int(3);
      },
    });
  },
};

function releasing(it: Lock | Semaphore): Pick<Gate, "enter" | "with"> {
  return {
    async enter() {
      await it.acquire();
      return () => it.release();
    },
    with: (fn) => it.with(fn),
  };
}

function gateAct(world: World, resource: object, gate: Gate): Act {
  const inside = new Set<object>();
  const visit = async (): Promise<void> => {
    const visitor = {};
    inside.add(visitor);
    try {
      world.require(inside.size <= gate.capacity(), `${inside.size} are inside where ${gate.capacity()} may be`);
      await world.pause();
    } finally {
      inside.delete(visitor);
    }
  };
  const enter = async (): Promise<void> => {
    const leave = await world.attempt(() => gate.enter());
    try {
      await visit();
    } finally {
      leave();
      world.disturb();
    }
  };
  const steps = [enter, enter, enter, () => within(world, gate, visit)];
  return {
    isAt: (park) => park.resource === resource,
    step: async () => {
      if (gate.change !== undefined && world.chance(0.1)) gate.change();
      await world.pick(steps)();
    },
    atRest: () => checkAtRest(world, gate, inside.size),
    atEnd: () => world.require(gate.look().free > 0, "a permit is held by nobody"),
  };
}

// Inside it may be cancelled as well, which counts as met at the gate only until it is in.
async function within(world: World, gate: Gate, visit: () => Promise<void>): Promise<void> {
  await world.attempt(() => gate.with(visit));
  world.disturb();
}

function checkAtRest(world: World, gate: Gate, inside: number): void {
  const { free, waiting } = gate.look();
  world.require(waiting === 0 || free === 0, `${waiting} wait while ${free} permits are free`);
  if (gate.change === undefined)
    world.require(
      free === gate.capacity() - inside,
      `${inside} are inside, and ${free} of ${gate.capacity()} permits are free`,
    );
}
