import assert from "node:assert/strict";
import { test } from "node:test";
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

for (const scenario of scenarios) {
  test(`a storm over ${scenario.name} is the same for the same seed, and another for another`, async () => {
    const [first, second, other] = [await replay(scenario, 7), await replay(scenario, 7), await replay(scenario, 8)];
    assert.deepEqual(second, first);
    assert.notEqual(other.hash, first.hash);
  });
}
