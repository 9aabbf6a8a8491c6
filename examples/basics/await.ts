// What is awaited one after the other takes as long as all of it together.
import { run, sleep } from "pottle/asyncio";

async function say(what: string, ms: number): Promise<void> {
  await sleep(ms);
  console.log(what);
}

await run(async () => {
  const start = performance.now();
  await say("Hello,", 200);
  await say("World!", 100);
  console.log(`took about ${Math.round((performance.now() - start) / 100) / 10} s`);
});
