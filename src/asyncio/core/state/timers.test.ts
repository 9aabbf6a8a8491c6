import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { type Timer, type TimerDriver, TimerQueue } from "./timers.ts";

/** A clock that is advanced by hand, and that stores the time for which it was armed. */
class Hand implements TimerDriver {
  time = 0;
  armed = Infinity;
  now(): number {
    return this.time;
  }
  arm(when: number): void {
    this.armed = when;
  }
}

function make(): { hand: Hand; timers: TimerQueue; fired: string[]; note: (name: string) => void } {
  const hand = new Hand();
  const fired: string[] = [];
  return { hand, timers: new TimerQueue(hand), fired, note: (name) => void fired.push(name) };
}

test("TimerQueue.fire() calls what is due, earliest first, and of equal times first come first", () => {
  const { hand, timers, fired, note } = make();
  for (const [ms, name] of [
    [20, "c"],
    [10, "a"],
    [10, "b"],
    [30, "d"],
  ] as const)
    timers.add(ms, note, name);
  assert.deepEqual([timers.size, timers.next, hand.armed], [4, 10, 10]);
  hand.time = 20;
  timers.fire();
  assert.deepEqual([fired, timers.size, hand.armed], [["a", "b", "c"], 1, 30]);
});

test("TimerQueue.add() takes a tie that decides between equal times", () => {
  const { hand, timers, fired, note } = make();
  timers.add(10, note, "later", 0.9);
  timers.add(10, note, "sooner", 0.1);
  hand.time = 10;
  timers.fire();
  assert.deepEqual(fired, ["sooner", "later"]);
});

test("TimerQueue.fire() leaves what is added as it fires for the next turn, even if it is due", () => {
  const { hand, timers, fired, note } = make();
  const again = (): void => {
    note("first");
    timers.add(0, note, "second");
  };
  timers.add(5, again, undefined);
  hand.time = 5;
  timers.fire();
  assert.deepEqual([fired, hand.armed], [["first"], 5]);
  timers.fire();
  assert.deepEqual(fired, ["first", "second"]);
});

test("TimerQueue.remove() takes back also one that is due in the same turn", () => {
  const { hand, timers, fired, note } = make();
  const second: Timer[] = [];
  timers.add(5, () => timers.remove(second[0]!), undefined);
  second.push(timers.add(5, note, "second"));
  hand.time = 5;
  timers.fire();
  assert.deepEqual([fired, timers.size], [[], 0]);
});

test("TimerQueue.remove() leaves one alone that has fired, or was taken back", () => {
  const { hand, timers, note } = make();
  const [one, other] = [timers.add(5, note, "one"), timers.add(50, note, "other")];
  hand.time = 5;
  timers.fire();
  timers.remove(one);
  assert.equal(timers.size, 1);
  timers.remove(other);
  timers.remove(other);
  assert.deepEqual([timers.size, timers.next, hand.armed], [0, Infinity, Infinity]);
});

test("TimerQueue drops most of what was taken back, and all that it was to call with", async () => {
  const { hand, timers, fired, note } = make();
  timers.add(1_000, note, "last");
  const pairs = Array.from({ length: 1_000 }, () => addAndRemove(timers));
  await setImmediate(); // a WeakRef holds its target until the turn in which it was made is over
  collectGarbage();
  assert.ok(pairs.filter(({ timer }) => timer.deref() !== undefined).length < 100);
  assert.equal(pairs.filter(({ content }) => content.deref() !== undefined).length, 0);
  hand.time = 2_000;
  timers.fire();
  assert.deepEqual(fired, ["last"]);
});

function addAndRemove(timers: TimerQueue): { timer: WeakRef<object>; content: WeakRef<object> } {
  const content = {};
  const timer = timers.add(2_000, () => {}, content);
  timers.remove(timer);
  return { timer: new WeakRef(timer), content: new WeakRef(content) };
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

type Step = { readonly add: number } | { readonly remove: number } | { readonly pass: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 4, arbitrary: fc.record({ remove: fc.nat(200) }) },
  { weight: 2, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 10 }) }) },
);

// The model: a list that is sorted whenever time passes. The sort is stable, so timers due at the same time stay in the
// order of addition.
function follow(steps: readonly Step[]): void {
  const { hand, timers, fired, note } = make();
  const all: { readonly timer: Timer; readonly name: string; readonly when: number }[] = [];
  let waiting: typeof all = [];
  const expected: string[] = [];
  for (const one of steps) {
    if ("add" in one) {
      const entry = {
        timer: timers.add(one.add, note, `t${all.length}`),
        name: `t${all.length}`,
        when: hand.time + one.add,
      };
      all.push(entry);
      waiting.push(entry);
    } else if ("remove" in one) {
      const entry = all[one.remove % Math.max(all.length, 1)];
      if (entry !== undefined) timers.remove(entry.timer);
      waiting = waiting.filter((other) => other !== entry);
    } else {
      hand.time += one.pass;
      timers.fire();
      waiting.sort((a, b) => a.when - b.when);
      expected.push(...waiting.filter(({ when }) => when <= hand.time).map(({ name }) => name));
      waiting = waiting.filter(({ when }) => when > hand.time);
    }
    const earliest = Math.min(...waiting.map(({ when }) => when));
    assert.deepEqual([fired, timers.size, timers.next], [expected, waiting.length, earliest]);
    // The driver may be armed too early, for a removed timer, but never too late.
    assert.ok(hand.armed <= earliest && (waiting.length > 0 || hand.armed === Infinity));
  }
}

test("TimerQueue does what a sorted list would do, whatever is added, taken back and let pass", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 300, size: "max" }), follow), { numRuns: 300 });
});
