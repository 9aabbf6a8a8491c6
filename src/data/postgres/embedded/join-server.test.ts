import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "../client.ts";
import { preparedFolder, testFolder } from "../server.fixture.ts";
import type { EmbeddedPostgres } from "./embedded-postgres.ts";
import { isAlive } from "./postmaster-pid.ts";
import { startPostgres } from "./start-postgres.ts";

async function ask(server: EmbeddedPostgres): Promise<unknown> {
  await using connection = await connect(server.url);
  return (await connection.query("select 1 as a"))[0]?.["a"];
}

test("startPostgres() on a folder where one runs shares that, until the last has stopped it", async () => {
  const folder = preparedFolder();
  const first = await startPostgres({ folder });
  const second = await startPostgres({ folder });
  assert.deepEqual([second.pid, second.url], [first.pid, first.url]);
  await first.stop();
  assert.equal(await ask(second), 1);
  const third = await startPostgres({ folder });
  await second.stop();
  assert.equal(await ask(third), 1);
  await third.stop();
  assert.equal(isAlive(first.pid), false);
});

test("startPostgres() called ten times at once makes one server", async () => {
  const folder = preparedFolder();
  const servers = await Promise.all(Array.from({ length: 10 }, () => startPostgres({ folder })));
  assert.equal(new Set(servers.map(({ pid }) => pid)).size, 1);
  await Promise.all(servers.map((server) => server.stop()));
  assert.equal(isAlive(servers[0]!.pid), false);
});

for (const address of [{ port: 1, token: "" }, { port: 99_999, token: "" }, null]) {
  const written = JSON.stringify(address);
  test(`startPostgres() says if it cannot share the server whose supervisor is at ${written}`, async () => {
    const folder = preparedFolder();
    await using server = await startPostgres({ folder });
    writeFileSync(join(folder, "supervisor.json"), written);
    await assert.rejects(startPostgres({ folder }), {
      name: "EmbeddedPostgresError",
      message: new RegExp(
        `one that cannot be shared runs on .*/data: stop process ${server.pid}, or use another folder`,
      ),
    });
  });
}

test("startPostgres() waits for a server on the same folder that is about to end", async () => {
  const folder = preparedFolder();
  const first = await startPostgres({ folder });
  const [second] = await Promise.all([startPostgres({ folder }), first.stop()]);
  assert.equal(await ask(second), 1);
  await second.stop();
});

test("startPostgres() called twice at once on an empty folder makes one set of data", async () => {
  const folder = testFolder();
  const [one, other] = await Promise.all([startPostgres({ folder }), startPostgres({ folder })]);
  assert.deepEqual([await ask(one), await ask(other)], [1, 1]);
  await Promise.all([one.stop(), other.stop()]);
  assert.deepEqual(readdirSync(folder).sort(), [".gitignore", "data", "server.log", "supervisor.json"]);
});
