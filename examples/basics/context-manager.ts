// What is before `yield` opens, what is after it closes: also if the block between fails or is cancelled.
import { asyncContextManager, run, sleep } from "pottle/asyncio";

const connection = asyncContextManager(async function* (name: string) {
  await sleep(10);
  console.log(`connected to ${name}`);
  try {
    yield { query: async (text: string): Promise<string> => sleep(10, `${name}: ${text}`) };
  } finally {
    await sleep(10);
    console.log(`disconnected from ${name}`);
  }
});

await run(async () => {
  await connection("db").with(async ({ query }) => console.log(await query("one")));
  await using other = await connection("cache").enter();
  console.log(await other.value.query("two"));
});
