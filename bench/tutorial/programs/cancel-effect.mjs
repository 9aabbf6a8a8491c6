/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- its packages are installed only where it runs */
// As cancel-pottle.ts, by Effect 4 with @effect/sql-pg. It is run from a folder in which those are installed.

import { createInterface } from "node:readline";
import { PgClient } from "@effect/sql-pg";
import { Effect, Fiber, ManagedRuntime, Redacted } from "effect";

const layer = PgClient.layer({ url: Redacted.make(process.argv[2]), maxConnections: 4 });
const runtime = ManagedRuntime.make(layer);

const query = (text) =>
  Effect.gen(function* () {
    const sql = yield* PgClient.PgClient;
    return yield* sql.unsafe(text);
  });

await runtime.runPromise(query("select 1"));
console.log("ready");
let fiber;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "start") fiber = runtime.runFork(query("select pg_sleep(30)"));
  if (line !== "stop") continue;
  await runtime.runPromise(Fiber.interrupt(fiber));
  console.log("stopped");
}
await runtime.dispose();
