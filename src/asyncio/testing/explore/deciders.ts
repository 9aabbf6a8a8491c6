// Two ways to choose at random. A random walk deviates at each choice with a fixed probability. It is good at finding
// orders within a step, for which few deviations are enough. Random priorities follow PCT (Burckhardt et al., "A
// randomized scheduler with probabilistic guarantees of finding bugs", 2010): each task has a random priority, the
// ready task with the highest priority continues, and at a few random moments the running task gets the lowest
// priority. They are good at finding orders that must persist for a long time.

import { randomOf } from "../seeded-schedule.ts";
import type { Choice, Decider, MadeChoice } from "./choices.ts";

/** @internal The size of a test, as seen in the usual order. The rates are derived from it. */
export interface Shape {
  /** The number of choices. */
  readonly choices: number;
  /** The number of choices that concern the cancellation of a task. */
  readonly cancellations: number;
}

/** @internal The shape of a test; `choices` are those of its usual order. */
export function shapeOf(choices: readonly MadeChoice[]): Shape {
  const cancellations = choices.filter(({ key }) => cancelling.has(key[0]!)).length;
  return { choices: choices.length, cancellations };
}

const cancelling: ReadonlySet<string> = new Set(["c", "b", "x"]);

// After this many deviations, a random order continues as the usual order, so that a run with many tasks does not take
// too long.
const mostDeviations = 1_000;

const rates = [0.5, 0.25, 0.1, 0.05];

/** @internal Random choices that follow from `seed`. */
export function chooseAtRandom(seed: number, shape: Shape): Decider {
  const random = randomOf(Math.imul(seed, 0x9e3779b1));
  const order = seed % 2 === 0 ? byPriority(random, 1 + (seed % 3), shape) : byRate(random, rates[(seed >> 1) % 4]!);
  const cancelRate = 1.5 / (shape.cancellations + 1);
  return atMost(mostDeviations, (choice, key) => {
    if (!cancelling.has(choice.kind)) return order(choice, key);
    return random() < cancelRate ? 1 + below(random, choice.options - 1) : 0;
  });
}

function atMost(most: number, decide: Decider): Decider {
  let deviations = 0;
  return (choice, key) => {
    if (deviations === most) return 0;
    const value = decide(choice, key);
    if (value !== 0) deviations++;
    return value;
  };
}

function byRate(random: () => number, rate: number): Decider {
  return ({ kind, options }) => {
    if (kind === "r") return below(random, options);
    return random() < (kind === "y" ? rate / 2 : rate) ? 1 + below(random, options - 1) : 0;
  };
}

function byPriority(random: () => number, changes: number, { choices }: Shape): Decider {
  const priorities = new Map<number, number>();
  const priorityOf = (task: number): number => {
    const known = priorities.get(task) ?? random();
    priorities.set(task, known);
    return known;
  };
  const changesAt = new Set(Array.from({ length: changes }, () => below(random, 2 * choices + 1)));
  let made = 0;
  return (choice) => {
    if (changesAt.has(made++)) priorities.set(choice.task, -made);
    if (choice.kind === "s" || choice.kind === "w") return 1 + below(random, choice.options - 1);
    if (choice.kind === "r") return highest(choice, priorityOf);
    return choice.kind === "t" ? below(random, choice.options) : 0;
  };
}

function highest({ among = [] }: Choice, priorityOf: (task: number) => number): number {
  const priorities = among.map(priorityOf);
  return priorities.indexOf(Math.max(...priorities));
}

function below(random: () => number, end: number): number {
  return Math.floor(random() * end);
}
