// The turn: once round the platform's event loop, in which I/O and timers are looked after.
//
// Promises alone never give I/O its turn: two tasks that hand items to each other through a queue would keep timers,
// sockets and signals waiting for ever. So every checkpoint counts, and one in a thousand waits for a turn.

import { ambient } from "./ambient.ts";
import { Park, type Resource } from "../waits/park.ts";
import { outside } from "./real-time.ts";
import { runtime } from "./runtime.ts";
import { takePending } from "../scopes/delivery.ts";
import { currentScope } from "../scopes/scope.ts";

const stepsPerTurn = 1_024;
const turn: Resource = { kind: "turn" };
const turns = ambient("turns", () => ({ waiting: [] as Park<unknown>[] }));

/** @internal Waits for the next turn and gives `value`; everything that waits for one shares it. */
export function nextTurn(): Promise<void>;
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

/** @internal A turn to wait for, if the code that does not wait now has run long enough without one. */
export function maybeYield(): Promise<void> | undefined {
  const { schedule } = runtime;
  if (schedule !== undefined) return schedule.yields() ? nextTurn() : undefined;
  if (++runtime.steps < stepsPerTurn) return undefined;
  runtime.steps = 0;
  return nextTurn();
}

/** @internal How many waits wait for the next turn. */
export function countTurns(): number {
  return turns.waiting.length;
}
