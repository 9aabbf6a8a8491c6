import assert from "node:assert/strict";
import { createTask } from "../../core/tasks/task.ts";
import { sleep } from "../../core/waits/sleep.ts";
import { Semaphore } from "../../sync/semaphore.ts";
import type { ExploreContext } from "../explore/play.ts";
import type { ExploreOptions } from "../explore/explore-options.ts";

export const options: ExploreOptions = { cancellations: true };

type Export = (permits: Semaphore) => Promise<void>;

/** Has another wait between acquiring the permit and the `try` block that releases it. */
async function brokenExport(permits: Semaphore): Promise<void> {
  await permits.acquire();
  await noteStart();
  try {
    await sleep(5);
  } finally {
    permits.release();
  }
}

/** Has no wait between acquiring the permit and the code that releases it. */
async function mendedExport(permits: Semaphore): Promise<void> {
  await permits.with(async () => {
    await noteStart();
    await sleep(5);
  });
}

function noteStart(): Promise<void> {
  return sleep(1);
}

async function exportAll(exportOne: Export, { atEnd }: ExploreContext): Promise<void> {
  const permits = new Semaphore(2, { name: "exports" });
  atEnd(() => assert.equal(permits.statistics().value, 2, "a permit was lost"));
  const tasks = [1, 2, 3, 4].map((n) => createTask(() => exportOne(permits), { name: `export ${n}` }));
  await Promise.allSettled(tasks);
}

export const broken = (context: ExploreContext): Promise<void> => exportAll(brokenExport, context);
export const mended = (context: ExploreContext): Promise<void> => exportAll(mendedExport, context);
