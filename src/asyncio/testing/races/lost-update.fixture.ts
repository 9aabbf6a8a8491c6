import assert from "node:assert/strict";
import { gather } from "../../combine/gather.ts";
import { sleep } from "../../core/waits/sleep.ts";
import { Lock } from "../../sync/lock.ts";
import type { ExploreOptions } from "../explore/explore-options.ts";

// A call usually takes 2 ms; sometimes it takes longer.
export const options: ExploreOptions = { lateness: 5 };

/** A store behind a network: each call takes some time. */
class Store {
  value = 0;

  async read(): Promise<number> {
    await sleep(2);
    return this.value;
  }

  async write(value: number): Promise<void> {
    await sleep(2);
    this.value = value;
  }
}

type Increment = (store: Store) => Promise<void>;

/** Reads, adds one and writes, although another task may have written in between. */
async function increment(store: Store): Promise<void> {
  const value = await store.read();
  await store.write(value + 1);
}

/** Holds a lock, so that no other task reads between its read and its write. */
function incrementAlone(): Increment {
  const lock = new Lock({ name: "counter" });
  return (store) => lock.with(() => increment(store));
}

async function count(add: Increment): Promise<void> {
  const store = new Store();
  await gather(
    () => add(store),
    async () => {
      await sleep(4);
      await add(store);
    },
  );
  assert.equal(store.value, 2);
}

export const broken = (): Promise<void> => count(increment);
export const mended = (): Promise<void> => count(incrementAlone());
