// Garbage collection, for tests that say what may be collected.

import { AsyncLocalStorage } from "node:async_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
const others = new AsyncLocalStorage<object>();

/**
 * Collects garbage in a turn of the event loop of its own.
 *
 * V8 keeps what `new WeakRef()` and `deref()` were given until the callback of the event loop is over in which they were
 * called. A short timer does not end it: timers that become due while garbage is collected run in the same callback. So
 * the turn is one of `setImmediate`. Node 24 keeps the last context in which code ran: some code runs in another one.
 */
export async function collectGarbage(): Promise<void> {
  await others.run({}, turn);
  await turn();
  gc();
}

/** The names, or indexes, of those references whose targets are still kept after garbage was collected several times. */
export async function findUncollected(
  references: readonly WeakRef<object>[] | Readonly<Record<string, WeakRef<object>>>,
): Promise<string[]> {
  for (let round = 0; round < 5; round++) await collectGarbage();
  let kept = namesOfKept(references);
  for (let round = 0; round < 20 && kept.length > 0; round++) {
    await collectGarbage();
    kept = namesOfKept(references);
  }
  return kept;
}

function namesOfKept(references: object): string[] {
  const entries = Object.entries(references) as [string, WeakRef<object>][];
  return entries.flatMap(([name, reference]) => (reference.deref() === undefined ? [] : name));
}

async function turn(): Promise<void> {
  await new Promise((resolve) => void setImmediate(resolve));
}
