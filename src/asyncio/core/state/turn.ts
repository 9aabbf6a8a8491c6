// A turn is one round of Node's event loop, in which I/O and timers are handled.
//
// While promises keep settling, the event loop does not go round: two tasks that pass items to each other through a
// queue would keep timers, sockets and signals waiting for ever. So checkpoints are counted, and one in about a
// thousand waits for the next turn.

import { ambient } from "./ambient.ts";
import { Park, type Resource } from "../waits/park.ts";
import { outside } from "./real-time.ts";
import { runtime } from "./runtime.ts";
import { takePending } from "../scopes/delivery.ts";
import { currentScope } from "../scopes/scope.ts";

const stepsPerTurn = 1_024;
const turn: Resource = { kind: "turn" };
const turns = ambient("turns", () => ({ waiting: [] as Park<unknown>[] }));

/** @internal Waits for the next turn. All these waits share one platform callback. */
export function nextTurn(): Promise<void>;
/** @internal Waits for the next turn and returns `value`. */
export function nextTurn(value: unknown): Promise<unknown>;
export function nextTurn(value?: unknown): Promise<unknown> {
  const scope = currentScope();
  const pending = takePending(scope);
  if (pending !== undefined) return Promise.reject(pending);
  const park = new Park<unknown>(scope, turn);
  park.payload = value;
  if (turns.waiting.push(park) === 1) outside(setImmediate, wakeAll);
  return park.promise();
}

function wakeAll(): void {
  const parks = turns.waiting;
  turns.waiting = [];
  for (const park of parks) park.wake(park.payload);
}

/**
 * @internal A turn to wait for, if the program has passed enough checkpoints without one; for code that otherwise would
 * not wait.
 */
export function maybeYield(): Promise<void> | undefined {
  const { schedule } = runtime;
  if (schedule !== undefined) return schedule.yields() ? nextTurn() : undefined;
  if (++runtime.steps < stepsPerTurn) return undefined;
  runtime.steps = 0;
  return nextTurn();
}

/** @internal How many waits end with the next turn. */
export function countTurns(): number {
  return turns.waiting.length;
}
