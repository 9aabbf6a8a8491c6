import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sleep } from "pottle/asyncio";
import { randomOf, virtualTime } from "pottle/asyncio/testing";
import { perform, runs } from "./runs.ts";
import { Stage } from "./stage.ts";

/** What one run came to, times in seconds. */
interface Figures {
  readonly best: number;
  readonly worst: number;
  readonly total: number;
  readonly longest: number;
  readonly left: number;
  readonly processed: number;
}

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

/** Performs a run on a clock that lets time pass whenever everybody waits; a thread that is blocked adds its own. */
async function figuresOf(name: string, seed: number): Promise<Figures> {
  const { body } = runs.find((one) => one.name === name)!;
  let figures: Figures | undefined;
  let blocked = 0;
  const check = virtualTime(
    async (virtual) => {
      const clock = { now: () => virtual.now() + blocked, sleep, block: (ms: number): void => void (blocked += ms) };
      const stage = new Stage(clock, randomOf(seed), () => {});
      await perform(body, stage);
      figures = readFigures(stage);
    },
    { autoAdvance: true },
  );
  await check();
  return figures!;
}

function readFigures(stage: Stage): Figures {
  const lengths = stage.lengths.map(({ length }) => length);
  return {
    best: Math.min(...stage.responseTimes) / 1_000,
    worst: Math.max(...stage.responseTimes) / 1_000,
    total: stage.elapsed() / 1_000,
    longest: Math.max(...lengths),
    left: lengths.at(-1)!,
    processed: stage.responseTimes.length,
  };
}

/** The figures over many seeds, each figure by itself and sorted. */
async function overSeeds(name: string): Promise<Record<keyof Figures, number[]>> {
  const all: Figures[] = [];
  for (const seed of seeds) all.push(await figuresOf(name, seed));
  const sorted = (figure: keyof Figures): number[] => all.map((one) => one[figure]).toSorted((a, b) => a - b);
  return {
    best: sorted("best"),
    worst: sorted("worst"),
    total: sorted("total"),
    longest: sorted("longest"),
    left: sorted("left"),
    processed: sorted("processed"),
  };
}

/** The value below which `share` of the sorted values lie. */
function quantile(values: readonly number[], share: number): number {
  return values[Math.floor(share * (values.length - 1))]!;
}

function assertBetween(values: readonly number[], least: number, most: number): void {
  const [min, max] = [values[0]!, values.at(-1)!];
  assert.ok(min >= least && max <= most, `between ${min} and ${max} instead of between ${least} and ${most}`);
}

describe("the figures of the runs, over two hundred seeds", () => {
  test("blocking answers in 10.5 s at best and about 20 s at worst, and takes about 30 s", async () => {
    const { best, worst, total, processed, longest } = await overSeeds("blocking");
    assertBetween(best, 10, 11);
    assertBetween([quantile(worst, 0.1), quantile(worst, 0.5), quantile(worst, 0.9)], 18, 22);
    assertBetween([quantile(total, 0.1), quantile(total, 0.5), quantile(total, 0.9)], 28, 32);
    assertBetween(processed, 20, 20);
    assertBetween(longest, 20, 20);
  });

  test("one producer and one consumer: each item is processed within 0.1 s, and all of it takes about 20 s", async () => {
    const { worst, total, processed } = await overSeeds("one");
    assertBetween(worst, 0, 0.1);
    assertBetween([quantile(total, 0.1), quantile(total, 0.5), quantile(total, 0.9)], 18, 22);
    assertBetween(processed, 20, 20);
  });

  test("three producers pile the queue up to about 20, and it is emptied", async () => {
    const { longest, left, processed } = await overSeeds("three");
    assertBetween(longest, 14, 27);
    assert.equal(quantile(longest, 0.5), 20);
    assertBetween(left, 0, 0);
    assertBetween(processed, 60, 60);
  });

  for (const name of ["two", "shutdown"]) {
    test(`${name}: with two producers an item waits for less than 2.5 s, but for one seed in fifty`, async () => {
      const { worst, total, left, processed } = await overSeeds(name);
      assert.ok(quantile(worst, 0.97) < 2.5, `${quantile(worst, 0.97)} s`);
      assertBetween(worst, 0.5, 3.5);
      assertBetween(total, 20, 25);
      assertBetween(left, 0, 0);
      assertBetween(processed, 40, 40);
    });
  }
});
