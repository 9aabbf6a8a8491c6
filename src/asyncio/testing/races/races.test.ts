import assert from "node:assert/strict";
import { test } from "node:test";
import { explore } from "../explore/explore.ts";
import { ExploreFailure } from "../explore/explore-failure.ts";
import type { ExploreOptions } from "../explore/explore-options.ts";
import type { ExploreTest } from "../explore/play.ts";
import * as cacheStampede from "./cache-stampede.fixture.ts";
import * as cancelAfterAcquire from "./cancel-after-acquire.fixture.ts";
import * as checkThenAct from "./check-then-act.fixture.ts";
import * as doubleClose from "./double-close.fixture.ts";
import * as lostUpdate from "./lost-update.fixture.ts";
import * as lostWakeUp from "./lost-wake-up.fixture.ts";
import * as orderAssumption from "./order-assumption.fixture.ts";
import * as readYourWrite from "./read-your-write.fixture.ts";
import * as retryTwice from "./retry-twice.fixture.ts";
import * as shutdownInFlight from "./shutdown-in-flight.fixture.ts";

interface Race {
  readonly broken: ExploreTest;
  readonly mended: ExploreTest;
  readonly options?: ExploreOptions;
}

const races: Record<string, Race> = {
  "check, then act after an await": checkThenAct,
  "a lost update": lostUpdate,
  "a double close": doubleClose,
  "a cache stampede": cacheStampede,
  "a cancellation between acquire and try": cancelAfterAcquire,
  "a lost wake-up": lostWakeUp,
  "an assumption about order": orderAssumption,
  "a retry that acts twice": retryTwice,
  "a read that does not see one's own write": readYourWrite,
  "a shutdown with work in flight": shutdownInFlight,
};

async function findRace({ broken, options }: Race, replay?: string): Promise<ExploreFailure> {
  try {
    await explore(broken, { ...options, budget: 20_000, ...(replay === undefined ? {} : { replay }) });
  } catch (error) {
    if (error instanceof ExploreFailure) return error;
    throw error;
  }
  throw new Error("no race was found");
}

for (const [name, race] of Object.entries(races)) {
  test(`explore() finds ${name}, which the usual order hides, and shortens it to one deviation`, async (context) => {
    const start = performance.now();
    const failure = await findRace(race);
    const ms = performance.now() - start;
    context.diagnostic(`${name}: run ${failure.runs}, ${failure.deviations} deviation, ${ms.toFixed(1)} ms`);
    assert.equal(failure.deviations, 1);
    assert.ok(ms < 20_000, `it took ${ms} ms`);
    const again = await findRace(race, failure.schedule);
    assert.deepEqual([again.kind, again.narrative, again.runs], [failure.kind, failure.narrative, 1]);
  });

  test(`explore() finds nothing where ${name} is mended`, async (context) => {
    const { runs, distinct, isExhaustive, ms } = await explore(race.mended, { ...race.options, budget: 20_000 });
    const orders = isExhaustive ? "all orders" : `${distinct} orders`;
    context.diagnostic(`${name}: ${runs} runs, ${orders}, ${ms.toFixed(1)} ms`);
  });
}
