// gather() runs several at once, and gives their results in the order in which they were passed.
import { gather, run, sleep } from "pottle/asyncio";

async function fetchData(id: number, ms: number): Promise<string> {
  console.log(`fetching ${id}`);
  await sleep(ms);
  console.log(`fetched ${id}`);
  return `data ${id}`;
}

await run(async () => {
  const start = performance.now();
  const results = await gather(
    () => fetchData(1, 300),
    () => fetchData(2, 200),
    () => fetchData(3, 100),
  );
  console.log(results);
  console.log(`took about ${Math.round((performance.now() - start) / 100) / 10} s`);
});
