import { moveOnAfter, sleep, timeout, TimeoutError, uncancellable, waitFor } from "../../src/asyncio/index.ts";
import { combinatorAct, type Jobs, tolerate } from "./_jobs.ts";
import type { Scenario } from "./_round.ts";
import { Boom, isOfFlows, type World } from "./_world.ts";

/** Time limits, nested, due at the same time as what they limit. */
export const limit: Scenario = { name: "timeout", setUp: (world) => combinatorAct(world, runTimeout) };

/** Several flows in one task, by the platform's own `Promise.all`. */
export const flows: Scenario = {
  name: "Promise.all",
  mayReport: isOfFlows,
  setUp: (world) => combinatorAct(world, runFlows),
};

/** Work that is not to be cut. */
export const sheltering: Scenario = { name: "uncancellable", setUp: (world) => combinatorAct(world, runUncancellable) };

async function runTimeout(world: World, all: Jobs): Promise<void> {
  const ms = world.pick([0, 1, 1, 2, 3, Infinity]);
  const kind = world.int(3);
  try {
    await all.together((jobs) => world.attempt(() => limited(world, jobs, ms, kind)));
  } catch (error) {
    world.require(ms !== Infinity || !(error instanceof TimeoutError) || error.ms !== Infinity, "Infinity ran out");
    tolerate(world, error, TimeoutError, Boom);
  }
}

async function limited(world: World, jobs: Jobs, ms: number, kind: number): Promise<unknown> {
  const job = jobs.of(1, 0.05);
  if (kind === 0) return waitFor(job, ms);
  const body = world.chance(0.3) ? () => limited(world, jobs, world.int(4), world.int(3)) : job;
  if (kind === 1) return moveOnAfter(ms, body);
  return timeout(ms, (bound) => {
    if (ms > 0 && world.chance(0.2)) bound.reschedule(world.int(4));
    return body();
  });
}

// When the limit's scope has ended, so do its flows, although `Promise.all` has let go of them.
async function runFlows(world: World, all: Jobs): Promise<void> {
  try {
    await all.soonTogether((jobs) =>
      world.attempt(() =>
        timeout(world.pick([1, 2, 3]), async () => {
          const flow = (): Promise<unknown> => settled(world, jobs);
          return Promise.all([flow(), flow(), moveOnAfter(1, flow)]);
        }),
      ),
    );
  } catch (error) {
    tolerate(world, error, TimeoutError, Boom);
  }
}

// A flow whose every wait is ours: only such a one can be ended, and awaited, by its scope.
async function settled(world: World, jobs: Jobs): Promise<void> {
  jobs.running++;
  try {
    await sleep(1 + world.int(3));
    if (world.chance(0.2)) throw new Boom("planned");
    await sleep(1 + world.int(3));
  } finally {
    jobs.running--;
  }
}

async function runUncancellable(world: World): Promise<void> {
  let reached = false;
  try {
    await world.attempt(() =>
      uncancellable(async () => {
        await sleep(world.int(3));
        await world.hop();
        await sleep(1);
        reached = true;
      }),
    );
  } finally {
    world.require(reached, "what is not to be cut was cut");
  }
}
