import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "./client.ts";
import { checkConnectSettings, nameOfPlace } from "./open-session.ts";
import { createPool } from "./pool.ts";
import { testServer } from "./server.fixture.ts";

const server = await testServer();

interface Parts {
  readonly user?: string;
  readonly password?: string;
  readonly host?: string;
  readonly port?: string;
  readonly database?: string;
}

const urls: readonly [url: string, parts: Parts][] = [
  ["postgres://", {}],
  ["postgresql://host", { host: "host" }],
  ["postgres://host/db", { host: "host", database: "db" }],
  ["postgres://u@host:1/db", { user: "u", host: "host", port: "1", database: "db" }],
  ["postgres://u:p@[::1]:1/db", { user: "u", password: "p", host: "::1", port: "1", database: "db" }],
  [
    "postgres://u:p%40%2F%3A%23%25@host/d%23%3F%2Fb",
    { user: "u", password: "p@/:#%", host: "host", database: "d#?/b" },
  ],
  [
    "postgres://u:p#a?s/s w@r%d@host:1/db",
    { user: "u", password: "p#a?s/s w@r%d", host: "host", port: "1", database: "db" },
  ],
  ["postgres://u:%zz%ff@host/%C3%A4", { user: "u", password: "%zz%ff", host: "host", database: "ä" }],
  ["postgres://u:p:q@host/db#1", { user: "u", password: "p:q", host: "host", database: "db#1" }],
  ["postgres://u@/db?host=/tmp", { user: "u", host: "/tmp", database: "db" }],
  ["postgres://%2Ftmp/db", { host: "/tmp", database: "db" }],
  [
    "postgres://host/db?user=u&password=p%26&port=2",
    { user: "u", password: "p&", host: "host", port: "2", database: "db" },
  ],
];

for (const [url, parts] of urls) {
  test(`checkConnectSettings() reads ${url}`, () => {
    const { user, password, host, port, database } = checkConnectSettings(url, {}).client;
    const found = { user, password, host, port, database };
    assert.deepEqual(Object.fromEntries(Object.entries(found).filter(([, part]) => part !== undefined)), parts);
  });
}

const modes: readonly [query: string, ssl: unknown, mayBePlain: boolean][] = [
  ["", undefined, false],
  ["?sslmode=disable", false, false],
  ["?sslmode=allow", { rejectUnauthorized: false }, true],
  ["?sslmode=prefer", { rejectUnauthorized: false }, true],
  ["?sslmode=require", {}, false],
  ["?sslmode=verify-ca", {}, false],
  ["?sslmode=verify-full", {}, false],
  ["?sslmode=no-verify", { rejectUnauthorized: false }, false],
  ["?ssl=true", {}, false],
  ["?ssl=0", false, false],
];

for (const [query, ssl, mayBePlain] of modes) {
  test(`checkConnectSettings() encrypts as ${query === "" ? "nothing" : query} says`, () => {
    const settings = checkConnectSettings(`postgres://host/db${query}`, {});
    assert.deepEqual([settings.client.ssl, settings.mayBePlain], [ssl, mayBePlain]);
  });
}

test("checkConnectSettings() refuses an sslmode that there is not, and takes that of PGSSLMODE", (context) => {
  assert.throws(() => checkConnectSettings("postgres://host/db?sslmode=prefered", {}), {
    message: /^Cannot connect as 'sslmode' must be .*: current value is "prefered"$/,
  });
  const before = process.env["PGSSLMODE"];
  context.after(() => (before === undefined ? delete process.env["PGSSLMODE"] : (process.env["PGSSLMODE"] = before)));
  process.env["PGSSLMODE"] = "prefer";
  assert.equal(checkConnectSettings("postgres://host/db", {}).mayBePlain, true);
});

test("nameOfPlace() shows neither user nor password", () => {
  const name = nameOfPlace(checkConnectSettings("postgres://app:secret@host:1/db?sslmode=prefer", {}));
  assert.equal(name, "host:1/db");
});

test("connect() takes any characters in user, password and database", async () => {
  const odd = `a'b"c#d?e/f@g:h%i%41 j&k+l\\m=ä`;
  await using admin = await connect(server.url);
  await admin.query(`create role "${odd.replaceAll('"', '""')}" login password '${odd.replaceAll("'", "''")}'`);
  await admin.query(`create database "${odd.replaceAll('"', '""')}"`);
  const { port } = new URL(server.url);
  const part = encodeURIComponent(odd);
  const question = "select current_user as user, current_database() as database";
  await using connection = await connect(`postgres://${part}:${part}@127.0.0.1:${port}/${part}`);
  assert.deepEqual(await connection.query(question), [{ user: odd, database: odd }]);
  await using pool = createPool(`postgres://${part}:${part}@127.0.0.1:${port}/${part}`);
  assert.deepEqual(await pool.query(question), [{ user: odd, database: odd }]);
});

test("connect() with sslmode=prefer takes a server that does not encrypt", async () => {
  for (const mode of ["prefer", "allow"]) {
    await using connection = await connect(`${server.url}?sslmode=${mode}`);
    assert.deepEqual(await connection.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()"), [
      { ssl: false },
    ]);
  }
  await assert.rejects(connect(`${server.url}?sslmode=require`), { name: "ConnectError" });
});

test("connect() takes further settings of the URL", async () => {
  await using connection = await connect(`${server.url}?application_name=report&options=-c%20statement_timeout%3D7s`);
  assert.deepEqual(
    await connection.query(
      "select current_setting('application_name') as name, current_setting('statement_timeout') as ms",
    ),
    [{ name: "report", ms: "7s" }],
  );
});
