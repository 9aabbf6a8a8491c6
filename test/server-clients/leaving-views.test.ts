// Clients that leave views of WebSockets and streams of events, in memory and by each protocol.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { allTasks, createTask, Event, sleep } from "../../src/asyncio/index.ts";
import { waitAllTasksParked } from "../../src/asyncio/testing/index.ts";
import { type AccessEntry, ClientDisconnected } from "../../src/http/index.ts";
import { type RunningServer, serve } from "../../src/server/index.ts";
import { Broadcast, type HttpWebSocket, Pottle, sse } from "../../src/web/index.ts";
import { readText, until } from "../gateway-scene.ts";
import { RawConnection } from "../gateway-sockets.ts";
import { WsClient } from "../gateway-web-socket-clients.ts";
import { connectHttp2 } from "../server-http2/_client.ts";

/** A point at which the client leaves. */
type Point = "before it is accepted" | "receive" | "send" | "broadcast" | "events" | "events that are sent";

/** An application that notes what it does. */
class Scene {
  readonly log: string[] = [];
  readonly waiting = new Event();
  readonly broadcast = new Broadcast<string>();
  readonly app = new Pottle();

  constructor() {
    this.app.teardownWebsocket((error) => this.#tornDown(error));
    this.app.teardownRequest((error) => this.#tornDown(error));
    this.app.websocket("/<path:point>", ({ point }, socket) => this.#watch(() => this.#play(point as Point, socket)));
    this.app.get("/<path:point>", ({ point }) => sse(this.#events(point as Point)));
  }

  async #watch(body: () => Promise<void>): Promise<void> {
    createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        this.log.push("child");
      }
    });
    try {
      await body();
    } finally {
      await sleep(1);
      this.log.push("finally");
    }
  }

  async #play(point: Point, socket: HttpWebSocket): Promise<void> {
    this.waiting.set();
    if (point === "before it is accepted") await sleep(60_000);
    await socket.send("begun");
    if (point === "receive") await socket.receive();
    if (point === "broadcast") for await (const message of this.broadcast.subscribe("a")) await socket.send(message);
    for (;;) await socket.send("x".repeat(100_000));
  }

  async *#events(point: Point): AsyncGenerator<string> {
    try {
      yield "begun";
      this.waiting.set();
      if (point === "events that are sent") for (;;) yield "x".repeat(100_000);
      await sleep(60_000);
    } finally {
      await sleep(1);
      this.log.push("finally", "child");
    }
  }

  #tornDown(error: unknown): void {
    this.log.push(`teardown for ${((error as { reason?: Error }).reason ?? (error as Error)).name}`);
  }
}

/** Begins, and returns a function that leaves. */
type Begin = (server: RunningServer, target: string, isEvents: boolean) => Promise<() => void>;

const beginHttp1: Begin = async ({ address: { host, port } }, target, isEvents) => {
  if (!isEvents) {
    const client = await WsClient.connect(`ws://${host}:${port}`, { target });
    return () => client.vanish();
  }
  const socket = connect({ host, port, allowHalfOpen: true });
  await once(socket, "connect");
  const connection = new RawConnection(socket);
  const call = await connection.request({ method: "GET", target });
  assert.equal(await readText(call), "data: begun\n\n");
  return () => connection.leave();
};

const beginHttp2: Begin = async ({ address: { port } }, target, isEvents) => {
  const connection = await connectHttp2(port);
  if (isEvents) await connection.request({ method: "GET", target });
  else await WsClient.stream(connection.session, { target });
  return () => connection.leave();
};

const points: readonly Point[] = [
  "before it is accepted",
  "receive",
  "send",
  "broadcast",
  "events",
  "events that are sent",
];

function check(scene: Scene, entry: AccessEntry | undefined, tasksBefore: number): void {
  assert(entry?.outcome.kind === "cancelled" && entry.outcome.reason instanceof ClientDisconnected);
  assert.deepEqual(scene.log.toSorted(), ["child", "finally", "teardown for ClientDisconnected"]);
  assert.equal(scene.broadcast.statistics().subscribers, 0);
  assert.equal(allTasks().size, tasksBefore);
}

for (const point of points) {
  const isEvents = point.startsWith("events");
  const target = `/${encodeURIComponent(point)}`;

  for (const [name, begin] of [
    ["HTTP/1.1", beginHttp1],
    ["HTTP/2", beginHttp2],
  ] as const) {
    test(`a client that leaves cancels a view once, and nothing is left of it: ${point}, ${name}`, async () => {
      const scene = new Scene();
      const entries: AccessEntry[] = [];
      await using server = await serve(scene.app, { port: 0, onAccess: (entry) => void entries.push(entry) });
      const tasksBefore = allTasks().size;
      const leave = await begin(server, target, isEvents);
      await scene.waiting.wait();
      await waitAllTasksParked();
      leave();
      await until(() => entries.length === 1);
      check(scene, entries[0], tasksBefore);
      await until(() => server.statistics().connections === 0);
    });
  }

  test(`a client that leaves cancels a view once, and nothing is left of it: ${point}, in memory`, async () => {
    const scene = new Scene();
    const tasksBefore = allTasks().size;
    const client = scene.app.testClient();
    const call = isEvents ? client.open("GET", target) : client.websocket(target);
    await scene.waiting.wait();
    await waitAllTasksParked();
    call.disconnect();
    check(scene, await call.over(), tasksBefore);
  });
}
