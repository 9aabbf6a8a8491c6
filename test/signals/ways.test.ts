// Every function of the platform that takes an AbortSignal, awaited with `currentSignal()` and cancelled: code that the
// signal throws out has its clean-up to itself, and code that it does not throw out is cancelled at its next wait.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { after, before, describe, test } from "node:test";
import { sections } from "./_all.ts";
import { expected, isAtLeast, type Outcome, runWay, type Variant, variants } from "./_run.ts";
import { Stage } from "./_scene.ts";
import type { Way } from "./_way.ts";

const stage = new Stage();
before(() => stage.open());
after(() => stage.close());

function show({ ending, atOnce, whole, end }: Outcome): string {
  return `${ending}${atOnce ? " at once" : ""}, ${whole ? "whole" : "not whole"}, ${end}`;
}

async function late({ name }: Variant): Promise<never> {
  await delay(10_000, undefined, { ref: false });
  throw new Error(`${name} did not end`);
}

function testWay(way: Way): void {
  const skip = isAtLeast(way.since ?? 0) ? false : `Node ${process.versions.node} does not have it`;
  test(way.name, { skip, timeout: 20_000 }, async () => {
    const wrong: string[] = [];
    for (const variant of variants) {
      if (variant.isPending && way.whenAborted === "crashes") continue;
      const outcome = await Promise.race([runWay(way, variant, stage), late(variant)]);
      const wanted = { ...outcome, ...expected(way, variant) };
      if (!isDeepStrictEqual(outcome, wanted)) wrong.push(`${variant.name}: ${show(outcome)}, not ${show(wanted)}`);
    }
    assert.deepEqual(wrong, []);
  });
}

for (const [section, ways] of sections) {
  for (const isSerial of [false, true]) {
    const some = ways.filter(({ holdsThread = false }) => holdsThread === isSerial);
    if (some.length === 0) continue;
    describe(`${section}${isSerial ? ", one by one" : ""}`, { concurrency: isSerial ? 1 : 8 }, () => {
      for (const way of some) testWay(way);
    });
  }
}
