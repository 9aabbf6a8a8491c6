// An error comes out where the task is awaited. Here gather() stops the other one, too, and waits until it has cleaned up.
import { gather, run, sleep } from "pottle/asyncio";

async function fails(): Promise<never> {
  await sleep(10);
  throw new RangeError("too far");
}

async function works(): Promise<void> {
  try {
    await sleep(60_000);
  } finally {
    console.log("the other one was stopped");
  }
}

await run(async () => {
  try {
    await gather(works, fails);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.log(`caught ${error.name}: ${error.message}`);
  }
});
