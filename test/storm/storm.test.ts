import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Workshop } from "../../tools/_workshop.ts";
import { mistakes, stormOver } from "./_mistakes.ts";
import { replay, runStorm, scenarios } from "./storm.ts";

test("the storm loses nothing in fifty thousand cancellations, and leaves nothing", async () => {
  const { tally, failure, leaks } = await runStorm({ cancels: 50_000 });
  assert.equal(failure, undefined);
  assert.deepEqual(leaks, []);
  assert.ok(tally.total >= 50_000);
  assert.equal(tally.entries().length, scenarios.length);
});

test("the storm meets parked waiters, woken ones and others at every primitive that follows its seed", async () => {
  const { tally } = await runStorm({ cancels: 50_000, seed: 1_000, over: seeded });
  for (const [primitive, { parked, woken, none }] of tally.entries()) {
    assert.ok(
      parked > 0 && woken > 0 && none > 0,
      `${primitive}: ${parked} met a parked waiter, ${woken} a woken one, ${none} none`,
    );
  }
});

test("the storm loses nothing in debug mode, where what is right is not reported", async () => {
  const { failure, leaks } = await runStorm({ cancels: 10_000, seed: 2_000, debug: true });
  assert.equal(failure, undefined);
  assert.deepEqual(leaks, []);
});

const workshop = new Workshop();
after(() => workshop[Symbol.dispose]());

for (const mistake of mistakes) {
  test(`the storm finds within a minute that ${mistake.mistake}, and finds it again by its seed`, async (context) => {
    const { code, output, ms } = await stormOver(workshop, mistake, ["--cancels", "1000000"]);
    const [, seed] = /failed with seed (\d+):/.exec(output) ?? [];
    assert.ok(seed !== undefined && code === 1, `it was not found: ${output}`);
    context.diagnostic(`${mistake.primitive}, seed ${seed} (${Math.round(ms)} ms)`);
    const again = await stormOver(workshop, mistake, ["--seed", seed]);
    assert.equal(again.code, 1);
    assert.match(again.output, /, the same\n {2}\S/);
  });
}

const seeded = scenarios.filter(({ isReal }) => isReal !== true);

for (const scenario of seeded) {
  test(`a storm over ${scenario.name} is the same for the same seed, and another for another`, async () => {
    const [first, second, other] = [await replay(scenario, 7), await replay(scenario, 7), await replay(scenario, 8)];
    assert.deepEqual(second, first);
    assert.notEqual(other.hash, first.hash);
  });
}
