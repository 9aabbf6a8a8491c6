import assert from "node:assert/strict";
import { test } from "node:test";
import { Pottle } from "pottle";
import type { DatabaseSync } from "node:sqlite";
import { Program } from "../../_program.ts";
import { getDatabase, useDatabase } from "../database.ts";
import { Fixture, temporaryFile } from "./_fixtures.ts";

test("getDatabase() gives one connection in a request, which is closed after it", async (context) => {
  const app = new Pottle(import.meta);
  useDatabase(app, temporaryFile(context));
  const connections: DatabaseSync[] = [];
  app.get("/", () => {
    connections.push(getDatabase());
    assert.equal(getDatabase(), connections.at(-1));
    return { answer: getDatabase().prepare("SELECT 1").get() };
  });
  const client = app.testClient();
  assert.equal((await client.get("/")).status, 200);
  assert.equal((await client.get("/")).status, 200);
  assert.notEqual(connections[0], connections[1]);
  for (const connection of connections) assert.throws(() => connection.prepare("SELECT 1"), /not open/);
});

test("init-db.ts clears the database, and makes its tables anew", async (context) => {
  const flaskr = new Fixture(context);
  for (let times = 0; times < 2; times++) {
    const program = new Program(context, ["init-db.ts"], {
      cwd: `${import.meta.dirname}/..`,
      env: { DATABASE: flaskr.file },
    });
    assert.equal(await program.ended, 0, program.output);
    assert.match(program.output, /Initialized/);
    assert.deepEqual({ ...flaskr.row("SELECT count(*) AS count FROM user") }, { count: 0 });
  }
});
