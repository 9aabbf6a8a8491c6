// A coroutine is an `async` function. Calling it gives a promise of what it returns.
import { run, sleep } from "pottle/asyncio";

async function square(n: number): Promise<number> {
  await sleep(10);
  return n * n;
}

await run(async () => {
  const promise = square(7);
  console.log("called:", promise instanceof Promise);
  console.log("returned:", await promise);
});
