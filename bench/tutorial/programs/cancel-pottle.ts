// Starts a query at each line "start", cancels it at each line "stop", and says "stopped" when that is over:
//
//   node cancel-pottle.ts URL

import { createInterface } from "node:readline";
import { createTask, run, type Task } from "pottle/asyncio";
import { createPool } from "pottle/postgres";

await run(async () => {
  await using pool = createPool(process.argv[2]!, { max: 4 });
  await pool.query("select 1");
  console.log("ready");
  let task: Task<unknown> | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "start") task = createTask(() => pool.query("select pg_sleep(30)"));
    if (line !== "stop") continue;
    task?.cancel();
    await task?.catch(() => {});
    console.log("stopped");
  }
});
