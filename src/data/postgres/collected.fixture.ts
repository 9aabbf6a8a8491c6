// Looks whether something can still be reached.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createTask, sleep } from "../../asyncio/index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Whether what `reference` leads to is collected, in a while. */
export async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  for (let turn = 0; turn < 50; turn++) {
    await createTask(() => sleep(2)); // Node 24 keeps the last context that code ran in: have others run
    collectGarbage();
    if (reference.deref() === undefined) return true;
  }
  return false;
}
