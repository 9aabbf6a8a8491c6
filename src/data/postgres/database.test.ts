import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createTask, InvalidStateError, sleep } from "../../asyncio/index.ts";
import { checkLeaks } from "../../asyncio/testing/index.ts";
import { Lifespan } from "../../http/index.ts";
import { type DatabaseApplication, postgres } from "./database.ts";
import { ConnectError, EmbeddedPostgresError } from "./errors.ts";
import { testFolder, testServer } from "./server.fixture.ts";

const server = await testServer();

/** An application that has only a lifespan and a folder. */
class App extends Lifespan implements DatabaseApplication, AsyncDisposable {
  readonly rootPath: string = testFolder();

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Sets environment variables for the duration of a test. */
function setEnvironment(context: TestContext, variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    const set = (text: string | undefined): void => {
      if (text === undefined) delete process.env[name];
      else process.env[name] = text;
    };
    set(value);
    context.after(() => set(before));
  }
}

test("postgres() opens the database with its application, and closes it with that", () =>
  checkLeaks(async () => {
    const app = new App();
    const db = postgres(app, { url: server.url, max: 3 });
    await assert.rejects(db.query("select 1"), InvalidStateError);
    assert.throws(() => db.statistics(), InvalidStateError);
    await app.start();
    assert.equal(db.statistics().idle, 1);
    assert.deepEqual(await db.sql`select ${1}::int as a`, [{ a: 1 }]);
    assert.equal(await db.execute("select 1"), 1);
    assert.equal(await db.transaction(() => 7), 7);
    assert.deepEqual(await Array.fromAsync(db.stream("select 1 as a")), [{ a: 1 }]);
    await using connection = await db.acquire();
    assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
    await connection.close();
    await app.stop();
    await assert.rejects(db.query("select 1"), InvalidStateError);
  }));

test("postgres() of an application that is started again opens it again", async () => {
  await using app = new App();
  const db = postgres(app, { url: server.url });
  for (let i = 0; i < 3; i++) {
    await app.start();
    assert.deepEqual(await db.query("select 1 as a"), [{ a: 1 }]);
    await app.stop();
  }
});

test("postgres() takes the URL from DATABASE_URL", async (context) => {
  setEnvironment(context, { DATABASE_URL: server.url });
  await using app = new App();
  const db = postgres(app);
  await app.start();
  assert.equal(db.url, server.url);
});

test("postgres() whose database is not there has its application not start", async () => {
  await using app = new App();
  const db = postgres(app, { url: "postgres://app:secret@127.0.0.1:1/db" });
  await assert.rejects(app.start(), ConnectError);
  await assert.rejects(db.query("select 1"), InvalidStateError);
});

test("postgres() without a URL starts a PostgreSQL of the application's own, in its folder", async (context) => {
  setEnvironment(context, { DATABASE_URL: undefined, NODE_ENV: undefined });
  await using app = new App();
  const db = postgres(app);
  await app.start();
  await db.execute("create table kept (n int)");
  assert.ok(existsSync(join(app.rootPath, ".pottle", "postgres", "data", "PG_VERSION")));
  await app.stop();
  await app.start();
  assert.deepEqual(await db.query("select count(*)::int as count from kept"), [{ count: 0 }]);
});

test("postgres() without a URL is refused in production", async (context) => {
  setEnvironment(context, { DATABASE_URL: "", NODE_ENV: "production" });
  await using app = new App();
  postgres(app);
  await assert.rejects(app.start(), (error: unknown) => {
    assert.ok(error instanceof EmbeddedPostgresError);
    assert.match(error.message, /'DATABASE_URL' must be set in production/);
    return true;
  });
});

test("postgres() refuses options that are out of range when it is called", () => {
  assert.throws(() => postgres(new App(), { max: -1 }), /'max' must be a whole number >= 1/);
});

test("Database whose application stops waits for what is under way, and refuses who comes", async () => {
  await using app = new App();
  const db = postgres(app, { url: server.url });
  await app.start();
  const task = createTask(() => db.query("select pg_sleep(0.05), 1 as a"));
  while (db.statistics().idle > 0) await sleep(1);
  const stopped = app.stop();
  assert.equal((await task)[0]?.["a"], 1);
  await stopped;
  await assert.rejects(db.query("select 1"), InvalidStateError);
});
