// Clients that leave views at each point of a request, a WebSocket or a stream of events: in memory, and by each protocol in
// the clear and by TLS. The task is cancelled, its `finally` and the teardown run once, and nothing is left.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { before, test } from "node:test";
import { connect as connectTls, getCACertificates, setDefaultCACertificates } from "node:tls";
import { allTasks, createTask, Event, sleep } from "../../src/asyncio/index.ts";
import { waitAllTasksParked } from "../../src/asyncio/testing/index.ts";
import { CertificateFolder, first } from "../../src/base/certificates.fixture.ts";
import { type AccessEntry, ClientDisconnected } from "../../src/http/index.ts";
import { type RunningServer, serve } from "../../src/server/index.ts";
import {
  Broadcast,
  type HttpRequest,
  type HttpResponse,
  type HttpWebSocket,
  Pottle,
  sse,
  TestCall,
} from "../../src/web/index.ts";
import { type ContractConnection, readText, until } from "../gateway-scene.ts";
import { RawConnection } from "../gateway-sockets.ts";
import { WsClient } from "../gateway-web-socket-clients.ts";
import { connectHttp2, type Http2Client } from "../server-http2/_client.ts";

/** A point at which the client leaves. */
interface Point {
  readonly title: string;
  readonly kind: "GET" | "POST" | "stream" | "WebSocket";
  /** Whether the view sends without an end. @default false */
  readonly isBusy?: boolean;
}

const points: readonly Point[] = [
  { title: "before the view", kind: "GET" },
  { title: "in the view", kind: "GET" },
  { title: "in an upload", kind: "POST" },
  { title: "after an upload", kind: "POST" },
  { title: "in a body that waits", kind: "stream" },
  { title: "in a body that is sent", kind: "stream", isBusy: true },
  { title: "in events that wait", kind: "stream" },
  { title: "in events that are sent", kind: "stream", isBusy: true },
  { title: "before the view of a WebSocket", kind: "WebSocket" },
  { title: "before a WebSocket is accepted", kind: "WebSocket" },
  { title: "in receive()", kind: "WebSocket" },
  { title: "in send()", kind: "WebSocket", isBusy: true },
  { title: "in a broadcast", kind: "WebSocket" },
];

const uploadSize = 1_000;
/** Time limit of a test, in milliseconds. */
const timeout = 30_000;

/** An application that notes what it does. */
class Scene {
  readonly log: string[] = [];
  readonly waiting = new Event();
  readonly broadcast = new Broadcast<string>();
  readonly app = new Pottle();

  constructor() {
    this.app.teardownWebsocket((error) => this.#tornDown(error));
    this.app.teardownRequest((error) => this.#tornDown(error));
    this.app.beforeRequest(({ path }) => (path === "/before the view" ? this.#watch(() => this.#wait()) : undefined));
    this.app.beforeWebsocket(async ({ path }) => {
      if (path === "/before the view of a WebSocket") await this.#watch(() => this.#wait());
    });
    this.app.websocket("/<path:title>", ({ title }, socket) => this.#watch(() => this.#serve(title, socket)));
    this.app.get("/<path:title>", ({ title }) => this.#answer(title));
    this.app.post("/<path:title>", ({ title }, request) => this.#watch(() => this.#upload(title, request)));
  }

  /** Runs it with a task beside it, which must end with it. */
  async #watch<T>(body: () => Promise<T>): Promise<T> {
    createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        this.log.push("child");
      }
    });
    try {
      return await body();
    } finally {
      await sleep(1);
      this.log.push("finally");
    }
  }

  async #wait(): Promise<string> {
    this.waiting.set();
    return await sleep(60_000, "late");
  }

  #answer(title: string): Promise<string> | HttpResponse | AsyncIterable<string> {
    if (title === "in the view") return this.#watch(() => this.#wait());
    const pieces = this.#pieces(title.endsWith("sent"));
    return title.includes("events") ? sse(pieces) : pieces;
  }

  async *#pieces(isSent: boolean): AsyncGenerator<string> {
    try {
      yield "begun";
      this.waiting.set();
      if (isSent) for (;;) yield "x".repeat(100_000);
      await sleep(60_000);
    } finally {
      await sleep(1);
      this.log.push("finally", "child");
    }
  }

  async #upload(title: string, request: HttpRequest): Promise<string> {
    let size = 0;
    for await (const piece of request.body) {
      size += piece.byteLength;
      if (title === "in an upload") this.waiting.set();
    }
    assert.equal(size, uploadSize);
    return await this.#wait();
  }

  async #serve(title: string, socket: HttpWebSocket): Promise<void> {
    this.waiting.set();
    if (title === "before a WebSocket is accepted") await this.#wait();
    await socket.send("begun");
    if (title === "in receive()") await socket.receive();
    if (title === "in a broadcast")
      for await (const message of this.broadcast.subscribe("a")) await socket.send(message);
    for (;;) await socket.send("x".repeat(100_000));
  }

  #tornDown(error: unknown): void {
    this.log.push(`teardown for ${((error as { reason?: Error }).reason ?? (error as Error)).name}`);
  }
}

/** A way to reach a server: begins, and returns a function that leaves. */
interface Way {
  readonly name: string;
  readonly isSecure: boolean;
  readonly begin: (server: RunningServer, point: Point, target: string) => Promise<() => void>;
}

async function beginHttp1({ address }: RunningServer, point: Point, target: string): Promise<() => void> {
  const { host, port, scheme } = address;
  if (point.kind === "WebSocket") {
    const url = scheme === "https" ? `wss://localhost:${port}` : `ws://${host}:${port}`;
    const client = await WsClient.connect(url, { target });
    return () => client.vanish();
  }
  const isSecure = scheme === "https";
  const socket = isSecure
    ? connectTls({ host, port, ca: first.cert, servername: "localhost" })
    : connect({ host, port, allowHalfOpen: true });
  await once(socket, isSecure ? "secureConnect" : "connect");
  return await ask(new RawConnection(socket), point, target);
}

async function beginHttp2({ address }: RunningServer, point: Point, target: string): Promise<() => void> {
  const connection: Http2Client = await connectHttp2(address.port, address.scheme === "https", first.cert);
  if (point.kind !== "WebSocket") return await ask(connection, point, target);
  await WsClient.stream(connection.session, { target });
  return () => connection.leave();
}

async function ask(connection: ContractConnection, { title, kind }: Point, target: string): Promise<() => void> {
  const isUpload = kind === "POST";
  const call = await connection.request({
    method: isUpload ? "POST" : "GET",
    target,
    ...(isUpload && { body: uploadSize }),
  });
  if (isUpload) await call.send(Buffer.alloc(title === "in an upload" ? uploadSize / 2 : uploadSize));
  if (kind === "stream") assert.match((await readText(call)) ?? "", /begun/);
  return () => connection.leave();
}

const ways: readonly Way[] = [
  { name: "HTTP/1.1", isSecure: false, begin: beginHttp1 },
  { name: "HTTP/2", isSecure: false, begin: beginHttp2 },
  { name: "HTTP/1.1 by TLS", isSecure: true, begin: beginHttp1 },
  { name: "HTTP/2 by TLS", isSecure: true, begin: beginHttp2 },
];

// The client of WebSockets takes no certificates but those of the process.
before(() => setDefaultCACertificates([...getCACertificates(), first.cert]));

function check(scene: Scene, entry: AccessEntry | undefined, tasksBefore: number): void {
  assert(entry?.outcome.kind === "cancelled" && entry.outcome.reason instanceof ClientDisconnected);
  assert.deepEqual(scene.log.toSorted(), ["child", "finally", "teardown for ClientDisconnected"]);
  assert.equal(scene.broadcast.statistics().subscribers, 0);
  assert.equal(allTasks().size, tasksBefore);
}

for (const point of points) {
  const target = `/${encodeURIComponent(point.title)}`;

  for (const { name, isSecure, begin } of ways) {
    test(
      `a client that leaves cancels a view once, and nothing is left of it: ${point.title}, ${name}`,
      { timeout },
      async () => {
        using certificates = new CertificateFolder();
        const scene = new Scene();
        const entries: AccessEntry[] = [];
        const tls = isSecure && { tls: certificates.write("first", first) };
        const onAccess = (entry: AccessEntry): void => void entries.push(entry);
        await using server = await serve(scene.app, { port: 0, onAccess, ...tls });
        const tasksBefore = allTasks().size;
        const leave = await begin(server, point, target);
        await scene.waiting.wait();
        // A client that is sent pieces takes them without an end: there is no rest.
        if (point.isBusy !== true) await waitAllTasksParked();
        leave();
        await until(() => entries.length === 1);
        check(scene, entries[0], tasksBefore);
        await until(() => server.statistics().connections === 0);
      },
    );
  }

  test(
    `a client that leaves cancels a view once, and nothing is left of it: ${point.title}, in memory`,
    { timeout },
    async () => {
      const scene = new Scene();
      const tasksBefore = allTasks().size;
      const client = scene.app.testClient();
      const isUpload = point.kind === "POST";
      const call =
        point.kind === "WebSocket"
          ? client.websocket(target)
          : client.open(isUpload ? "POST" : "GET", target, { streamsBody: isUpload });
      if (call instanceof TestCall && isUpload) await upload(call, point);
      await scene.waiting.wait();
      await waitAllTasksParked();
      call.disconnect();
      check(scene, await call.over(), tasksBefore);
    },
  );
}

async function upload(call: TestCall, { title }: Point): Promise<void> {
  await call.send(Buffer.alloc(title === "in an upload" ? uploadSize / 2 : uploadSize));
  if (title !== "in an upload") await call.sendComplete();
}
