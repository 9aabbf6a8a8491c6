import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, sleep } from "../../asyncio/index.ts";
import { endAfter, settle } from "../text/_tasks.fixture.ts";
import { takeSnapshot } from "../record/snapshot.ts";
import { liftServer } from "./lift-server.ts";
import { Whereabouts } from "./whereabouts.ts";

const nap = (): Promise<void> => sleep(60_000);

test("liftServer() takes the requests out of the server's own tasks, and those out of the tree", async (context) => {
  endAfter(context);
  createTask(nap, { name: "worker" });
  createTask(
    async () => {
      createTask(nap, { name: "GET /", role: "request" });
      createTask(nap, { name: "server starting", role: "server" });
      await nap();
    },
    { name: "server", role: "server", ownsTasks: true },
  );
  await settle();
  const where = new Whereabouts();
  const { requests, server, rest } = liftServer(takeSnapshot().root, (id) => where.roleOf(id));
  const names = [requests, server, rest.tasks].map((tasks) => tasks.map(({ name }) => name));
  assert.deepEqual(names, [["GET /"], ["server", "server starting"], ["worker"]]);
  assert.ok(server.every(({ tasks }) => tasks.length === 0));
});

test("liftServer() leaves a tree without a server as it is", async (context) => {
  endAfter(context);
  createTask(nap, { name: "worker" });
  await settle();
  const { root } = takeSnapshot();
  assert.deepEqual(
    liftServer(root, () => undefined),
    { requests: [], folded: [], server: [], rest: root },
  );
});
