import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test, type TestContext } from "node:test";
import { connect as connectMongo } from "pottle/mongodb";
import { startMongoDouble } from "pottle/mongodb/testing";
import { startPostgres } from "pottle/postgres";
import { connect as connectRedis } from "pottle/redis";
import { Program } from "../_program.ts";

const main = join(import.meta.dirname, "main.ts");
const noRedis = spawnSync("redis-server", ["--version"]).status === 0 ? false : "skipped: no redis-server";

const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "pottle-things-"));
const nowhere = {
  DATABASE_URL: "postgres://127.0.0.1:1/none",
  REDIS_URL: "redis://127.0.0.1:1",
  MONGODB_URL: "mongodb://127.0.0.1:1",
};
after(() => rmSync(folder, { recursive: true, force: true }));

async function outputOf(context: TestContext, env: Record<string, string>): Promise<string> {
  const program = new Program(context, [main], { env: { ...nowhere, ...env } });
  assert.equal(await program.ended, 0, program.output);
  assert.equal(program.stderr, "");
  return program.stdout;
}

/** The figures of one line of the table: the request, the number of neighbours, their median and worst wait. */
function figuresOf(output: string, name: string): [request: number, count: number, median: number, worst: number] {
  const found = new RegExp(`${name} +([\\d.]+) ms +(\\d+) +([\\d.]+) ms +([\\d.]+) ms`).exec(output);
  assert.ok(found !== null, output);
  const [request, count, median, worst] = found.slice(1).map(Number);
  return [request!, count!, median!, worst!];
}

describe("async-all-the-things", { timeout: 60_000 }, () => {
  test("main.ts has a clear line for each store that is not there, and compares all the same", async (context) => {
    const output = await outputOf(context, {});
    for (const [name, variable] of [
      ["PostgreSQL", "DATABASE_URL"],
      ["Redis", "REDIS_URL"],
      ["MongoDB", "MONGODB_URL"],
    ]) {
      assert.match(
        output,
        new RegExp(`^ {2}${name} +no server: Cannot connect .*127\\.0\\.0\\.1:1.*${variable} says`, "m"),
      );
    }
    const [awaiting, asMany, , quick] = figuresOf(output, "awaiting");
    const [blocking, , slow, worst] = figuresOf(output, "blocking");
    context.diagnostic(`the worst wait beside an awaiting request ${quick} ms, beside a blocking one ${worst} ms`);
    assert.ok(awaiting >= 295 && blocking >= 295, output);
    assert.ok(asMany >= 10 && quick < 250, output);
    // Whoever comes while it blocks waits until it is over.
    assert.ok(worst > 250 && slow > 50, output);
  });

  test("main.ts asks a PostgreSQL and a double of MongoDB that are there", async (context) => {
    await using server = await startPostgres({ folder: join(folder, "postgres") });
    await using double = await startMongoDouble();
    await using client = await connectMongo(`${double.url}/hello`);
    await client.collection("greetings").insertMany([{ text: "hello" }, { text: "good day" }]);
    const output = await outputOf(context, { DATABASE_URL: server.url, MONGODB_URL: `${double.url}/hello` });
    assert.match(output, /PostgreSQL +select 40 \+ 2 gives 42\n/);
    assert.match(output, /MongoDB +find in greetings gives 2 of them\n/);
    assert.equal(double.calls.filter(({ name }) => name === "find").length, 3);
  });

  test("main.ts asks a Redis that is there", { skip: noRedis }, async (context) => {
    const socket = join(folder, "redis.sock");
    const child = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]);
    context.after(() => child.kill("SIGKILL"));
    const ready = Promise.withResolvers<void>();
    child.stdout.on("data", (text: Buffer) => {
      if (text.includes("eady to accept")) ready.resolve();
    });
    await ready.promise;
    await using client = await connectRedis(socket);
    await client.set("greeting", "hello");
    const output = await outputOf(context, { REDIS_URL: socket });
    assert.match(output, /Redis +GET greeting gives hello\n/);
  });

  test("main.ts ends at Ctrl+C, and leaves nothing running", async (context) => {
    const program = new Program(context, [main], { env: { ...nowhere } });
    await program.printed(/awaiting +\d/);
    program.signal("SIGINT");
    assert.equal(await program.ended, 130, program.output);
  });
});
