import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, Target } from "./cases.ts";
import type { Peer } from "./peers.ts";
import type { Figure, Result } from "./results.ts";
import { ratiosTo, spreadOf } from "./summary.ts";
import { judge, judgeAgainst, reasonsNotToJudge, type Verdict } from "./verdicts.ts";

function peer(family: Peer["family"], title: string = family, version: number[] = [26, 0, 0]): Peer {
  return { title, family, version, details: "", command: ["true"] };
}

function figure(of: Peer, ours: number[], values: number[]): Figure {
  return { peer: of, own: spreadOf(values), ratio: spreadOf(ratiosTo(ours, values)) };
}

/** A case in which Pottle takes 2 µs in each of three rounds, and the others what `others` says. */
function result(target: Target, others: readonly [Peer, number[]][]): Result {
  const ours = [2, 2, 2];
  const one: Case = { id: "x", title: "work", unit: "µs", count: 1, warmUp: 1, targets: [target] };
  const all: readonly [Peer, number[]][] = [[peer("pottle"), ours], ...others];
  return { case: one, figures: all.map(([of, values]) => figure(of, ours, values)) };
}

const outcomes: [string, Target, Peer["family"], number, string][] = [
  ["reached at the bound", { figure: "times faster than CPython", bound: 2 }, "cpython", 4, "reached"],
  ["missed below it", { figure: "times faster than CPython", bound: 2 }, "cpython", 3.9, "missed"],
  [
    "acceptable between",
    { figure: "times faster than CPython", bound: 2, acceptable: 1.5 },
    "cpython",
    3,
    "acceptable",
  ],
  [
    "missed below the acceptable",
    { figure: "times faster than CPython", bound: 2, acceptable: 1.5 },
    "cpython",
    2.9,
    "missed",
  ],
  ["reached by promises not much faster", { figure: "times the bare promises", bound: 4 }, "promises", 0.5, "reached"],
  ["missed by promises much faster", { figure: "times the bare promises", bound: 4 }, "promises", 0.4, "missed"],
  ["reached by our own figure", { figure: "own figure", bound: 2 }, "cpython", 1, "reached"],
  ["missed by our own figure", { figure: "own figure", bound: 1.9 }, "cpython", 1, "missed"],
];

for (const [title, target, family, other, expected] of outcomes) {
  test(`judge() calls a target ${title}`, () => {
    const [verdict] = judge([result(target, [[peer(family), [other, other, other]]])]);
    assert.equal(verdict?.outcome, expected);
  });
}

test("judge() takes the fastest CPython by its median, and leaves uvloop aside", () => {
  const target: Target = { figure: "times faster than CPython", bound: 2 };
  const [verdict] = judge([
    result(target, [
      [peer("cpython", "slow"), [9, 9, 1]],
      [peer("cpython", "fast"), [5, 6, 30]],
      [peer("uvloop"), [1, 1, 1]],
    ]),
  ]);
  assert.deepEqual(verdict?.figure, { min: 2.5, median: 3, max: 15 });
  assert.match(verdict?.asked ?? "", /\(fast\)/);
});

const refusals: [string, Peer[], boolean, RegExp | undefined][] = [
  ["accepts CPython 3.12", [peer("cpython", "", [3, 12, 0])], false, undefined],
  [
    "accepts a newer one beside an older one",
    [peer("cpython", "", [3, 11, 9]), peer("cpython", "", [3, 13, 0])],
    false,
    undefined,
  ],
  ["refuses one that is older than 3.12", [peer("cpython", "", [3, 11, 9])], false, /older than 3\.12: it is 3\.11\.9/],
  ["refuses to do without CPython", [], false, /no CPython/],
  ["refuses to judge a quick run", [peer("cpython", "", [3, 13, 0])], true, /tiny/],
];

for (const [title, pythons, quick, expected] of refusals) {
  test(`reasonsNotToJudge() ${title}`, () => {
    const reasons = reasonsNotToJudge([peer("pottle"), ...pythons], quick);
    assert.equal(reasons.length, expected === undefined ? 0 : 1);
    if (expected !== undefined) assert.match(reasons[0]!, expected);
  });
}

test("judgeAgainst() allows three per cent more than before, by the median of the rounds", () => {
  const target: Target = { figure: "own figure", bound: 2 };
  const verdictOf = (...before: number[]): Verdict => judgeAgainst([result(target, [[peer("before"), before]])])[0]!;
  assert.equal(verdictOf(1, 1.96, 4).outcome, "reached");
  assert.equal(verdictOf(1, 1.92, 4).outcome, "missed");
  assert.deepEqual(verdictOf(1, 4, 2).figure, { min: 0.5, median: 1, max: 2 });
});

test("reasonsNotToJudge() asks for no CPython where Pottle is compared with itself", () => {
  assert.deepEqual(reasonsNotToJudge([peer("pottle"), peer("before")], false), []);
});

test("reasonsNotToJudge() refuses a Node older than 26", () => {
  const reasons = reasonsNotToJudge([peer("pottle", "", [24, 21, 0]), peer("cpython", "", [3, 13, 0])], false);
  assert.deepEqual(reasons, ["the targets are for Node 26 and this is 24.21.0"]);
});
