// A double of a MongoDB server, in a process of its own. Prints its URL, and ends when its standard input does.

import { run } from "pottle/asyncio";
import { startMongoDouble } from "pottle/mongodb/testing";

await run(async () => {
  await using double = await startMongoDouble();
  console.log(double.url);
  for await (const _ of process.stdin);
});
