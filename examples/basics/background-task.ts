// A task runs beside the code that made it, until it is cancelled. Press Ctrl+C before: it is cancelled as well.
import { createTask, cancellationOf, run, sleep } from "pottle/asyncio";

async function background(): Promise<void> {
  try {
    for (;;) {
      console.log("working in the background");
      await sleep(1_000);
    }
  } finally {
    console.log("cleaned up");
  }
}

await run(async () => {
  const task = createTask(background);
  await sleep(5_000);
  task.cancel("five seconds are over");
  try {
    await task;
  } catch (error) {
    const cancellation = cancellationOf(error);
    if (cancellation === undefined) throw error;
    console.log("cancelled:", cancellation.reason);
  }
});
