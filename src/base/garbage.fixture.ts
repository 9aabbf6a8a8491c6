// Garbage collection, for tests that check which objects can be collected.

import { AsyncLocalStorage } from "node:async_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
const others = new AsyncLocalStorage<object>();

/**
 * Collects garbage in a separate turn of the event loop.
 *
 * V8 keeps the target of `new WeakRef()` and `deref()` alive until the end of the event loop callback in which they
 * were called. Waiting for a short timer is not enough: timers that become due during a garbage collection run in the
 * same callback. So `setImmediate` is used. Node 24 also keeps the last async context in which code ran, so some code
 * is run in another context.
 */
export async function collectGarbage(): Promise<void> {
  await others.run({}, turn);
  await turn();
  gc();
}

/**
 * Returns the names or indexes of the references with targets that are still alive after several garbage collections.
 */
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
