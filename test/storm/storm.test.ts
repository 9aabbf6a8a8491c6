import assert from "node:assert/strict";
import { test } from "node:test";
import { faults } from "../../src/asyncio/testing/index.ts";
import { replay, runStorm, scenarios } from "./storm.ts";

test("the storm loses nothing in fifty thousand cancellations, and leaves nothing", async () => {
  const { tally, failure, leaks } = await runStorm({ cancels: 50_000 });
  assert.equal(failure, undefined);
  assert.deepEqual(leaks, []);
  assert.ok(tally.total >= 50_000);
  for (const [primitive, { parked, woken, none }] of tally.entries()) {
    assert.ok(
      parked > 0 && woken > 0 && none > 0,
      `${primitive}: ${parked} met a parked waiter, ${woken} a woken one, ${none} none`,
    );
  }
  assert.equal(tally.entries().length, scenarios.length);
});

for (const fault of faults) {
  test(`the storm finds the planted fault "${fault}" within a minute, and finds it again by its seed`, async (context) => {
    const start = performance.now();
    const { failure, tally } = await runStorm({ cancels: 1_000_000, faults: [fault] });
    const ms = performance.now() - start;
    assert.ok(failure !== undefined, `it was not found by ${tally.total} cancellations`);
    assert.ok(ms < 60_000, `it took ${ms} ms`);
    context.diagnostic(`${failure.primitive}, seed ${failure.seed}: ${failure.violations[0]} (${Math.round(ms)} ms)`);
    context.diagnostic(`again: ${failure.replay}`);
    const scenario = scenarios.find(({ name }) => name === failure.primitive)!;
    const again = await replay(scenario, failure.seed, [fault]);
    assert.deepEqual(again.violations, failure.violations);
  });
}

for (const scenario of scenarios) {
  test(`a storm over ${scenario.name} is the same for the same seed, and another for another`, async () => {
    const [first, second, other] = [await replay(scenario, 7), await replay(scenario, 7), await replay(scenario, 8)];
    assert.deepEqual(second, first);
    assert.notEqual(other.hash, first.hash);
  });
}
