// Clients that leave, by each protocol and at each point of a request, beside clients that stay.

import assert from "node:assert/strict";
import { once } from "node:events";
import { constants } from "node:http2";
import { connect } from "node:net";
import { before, test } from "node:test";
import { connect as connectTls, getCACertificates, setDefaultCACertificates } from "node:tls";
import { allTasks } from "../../src/asyncio/index.ts";
import { ClientDisconnected } from "../../src/http/index.ts";
import type { RunningServer } from "../../src/server/index.ts";
import { first } from "../../src/base/certificates.fixture.ts";
import { type ContractCall, type ContractConnection, readAll, readText, until } from "../gateway-scene.ts";
import { RawConnection } from "../gateway-sockets.ts";
import { WsClient } from "../gateway-web-socket-clients.ts";
import type { ContractSocket } from "../gateway-web-socket-scene.ts";
import { connectHttp2, Http2Client } from "../server-http2/_client.ts";
import { Served } from "./_served.ts";

/** How long it may take from the client's leaving until its request is cancelled, in milliseconds. */
const most = 50;
/** The code by which a client of HTTP/2 takes a request back. */
const { NGHTTP2_CANCEL: cancel } = constants;
/** A busy machine may be slow, but not each time. */
const attempts = 3;

// The client of WebSockets takes no certificates but those of the process.
before(() => setDefaultCACertificates([...getCACertificates(), first.cert]));

/** A way to reach a server. */
interface Way {
  readonly name: string;
  readonly isSecure: boolean;
  readonly connect: (server: RunningServer) => Promise<ContractConnection>;
}

const ways: readonly Way[] = [
  { name: "HTTP/1.1", isSecure: false, connect: connectPlain },
  { name: "HTTP/2 in the clear", isSecure: false, connect: ({ address }) => connectHttp2(address.port) },
  { name: "HTTP/1.1 by TLS", isSecure: true, connect: connectSecure },
  {
    name: "HTTP/2 by TLS",
    isSecure: true,
    connect: ({ address }) => connectHttp2(address.port, true, first.cert),
  },
];

async function connectPlain({ address: { host, port } }: RunningServer): Promise<RawConnection> {
  const socket = connect({ host, port, allowHalfOpen: true });
  await once(socket, "connect");
  return new RawConnection(socket);
}

async function connectSecure({ address: { host, port } }: RunningServer): Promise<RawConnection> {
  const socket = connectTls({ host, port, ca: first.cert, servername: "localhost" });
  await once(socket, "secureConnect");
  return new RawConnection(socket);
}

/** A request that is under way, seen by its client. */
interface Begun {
  /** The whole answer, once the view has gone on. */
  readonly rest: () => Promise<string>;
}

/** A point of a request at which its client may leave. */
interface Point {
  readonly title: string;
  /** Begins the request; returns when the client has seen or sent all that there is until it waits. */
  readonly begin: (connection: ContractConnection, name: string) => Promise<Begun>;
}

const points: readonly Point[] = [
  { title: "GET", begin: (connection, name) => ask(connection, "GET", `/wait/${name}`) },
  {
    title: "POST whose body was read",
    begin: (connection, name) => ask(connection, "POST", `/read/${name}`, "x".repeat(100)),
  },
  {
    title: "POST whose body was not read",
    begin: (connection, name) => ask(connection, "POST", `/wait/${name}`, "x".repeat(100)),
  },
  { title: "response that is streamed", begin: (connection, name) => stream(connection, `/stream/${name}`, "st") },
  {
    title: "response of server-sent events",
    begin: (connection, name) => stream(connection, `/events/${name}`, "data: st\n\n"),
  },
  { title: "upload", begin: (connection, name) => upload(connection, `/upload/${name}`) },
];

async function ask(connection: ContractConnection, method: string, target: string, body?: string): Promise<Begun> {
  const call = await connection.request({ method, target, ...(body !== undefined && { body }) });
  return { rest: () => readAll(call) };
}

async function stream(connection: ContractConnection, target: string, begin: string): Promise<Begun> {
  const call = await connection.request({ method: "GET", target });
  assert.equal(await readText(call), begin);
  return { rest: async () => begin + (await readAll(call)) };
}

async function upload(connection: ContractConnection, target: string): Promise<Begun> {
  const call: ContractCall = await connection.request({ method: "POST", target, body: 100 });
  await call.send(Buffer.alloc(50));
  return {
    async rest() {
      await call.send(Buffer.alloc(50));
      return readAll(call);
    },
  };
}

/** Clients of which one is to leave, and one to stay. */
interface Pair {
  readonly leave: () => void;
  /** The whole answer to the one that stays. */
  readonly rest: () => Promise<string>;
  /** Ends the one that stays. */
  readonly close: () => void;
}

/** Plays it once; returns how many milliseconds the cancellation took. */
async function play(isSecure: boolean, begin: (served: Served) => Promise<Pair>): Promise<number> {
  await using served = await Served.open({ isSecure });
  const tasksBefore = allTasks().size;
  const [leaving, staying] = [served.stops.at("leaving"), served.stops.at("staying")];
  const pair = await begin(served);
  await Promise.all([leaving.entered.wait(), staying.entered.wait()]);

  const leftAt = performance.now();
  pair.leave();
  await served.outcomes(1);
  const [entry] = served.entries;
  assert.match(entry?.target ?? "", /\/leaving$/);
  assert(entry?.outcome.kind === "cancelled" && entry.outcome.reason instanceof ClientDisconnected);
  assert.deepEqual([leaving.isClean, leaving.hasChildEnded], [true, true]);

  assert.deepEqual([staying.cancelledAt, staying.isClean, staying.hasChildEnded], [Infinity, false, false]);
  assert.equal(served.server.statistics().requests, 1);
  staying.go.set();
  assert.match((await pair.rest()).replaceAll(/data: |\n/g, ""), /^stayed$/);
  assert.deepEqual(await served.outcomes(2), ["cancelled", "served"]);
  pair.close();
  await until(() => served.server.statistics().connections === 0);
  assert.deepEqual(served.server.statistics(), { connections: 0, requests: 0 });
  assert.equal(allTasks().size, tasksBefore);
  return leaving.cancelledAt - leftAt;
}

/** Plays it until it was fast enough. */
async function playAtBest(isSecure: boolean, begin: (served: Served) => Promise<Pair>): Promise<void> {
  let best = Infinity;
  for (let i = 0; i < attempts && best >= most; i++) best = Math.min(best, await play(isSecure, begin));
  assert(best < most, `it took ${best} ms`);
}

const timeout = 30_000;

for (const { name, isSecure, connect: open } of ways) {
  for (const { title, begin } of points) {
    test(`a client that leaves cancels its ${title} at once, and no other: ${name}`, { timeout }, () =>
      playAtBest(isSecure, async ({ server }) => {
        const [leaving, staying] = [await open(server), await open(server)];
        await begin(leaving, "leaving");
        const { rest } = await begin(staying, "staying");
        return { leave: () => leaving.leave(), rest, close: () => staying.leave() };
      }),
    );
  }

  test(`a client that leaves cancels its WebSocket at once, and no other: ${name}`, { timeout }, () =>
    playAtBest(isSecure, async (served) => {
      const connections: ContractConnection[] = [];
      const openSocket = async (target: string): Promise<ContractSocket> => {
        if (!name.startsWith("HTTP/2")) return WsClient.connect(served.url.replace("http", "ws"), { target });
        const connection = await open(served.server);
        assert(connection instanceof Http2Client);
        connections.push(connection);
        return WsClient.stream(connection.session, { target });
      };
      const [leaving, staying] = [await openSocket("/wait/leaving"), await openSocket("/wait/staying")];
      assert.deepEqual([await leaving.receive(), await staying.receive()], ["st", "st"]);
      return {
        leave: () => (connections[0] ?? { leave: () => leaving.vanish() }).leave(),
        rest: async () => `st${String(await staying.receive())}`,
        close: () => (connections[1] ?? { leave: () => staying.vanish() }).leave(),
      };
    }),
  );
}

for (const { name, isSecure, connect: open } of ways.filter((way) => way.name.startsWith("HTTP/2"))) {
  for (const { title, begin } of points) {
    test(`a client that takes back its ${title} keeps the others of its connection: ${name}`, { timeout }, () =>
      playAtBest(isSecure, async ({ server }) => {
        const connection = await open(server);
        assert(connection instanceof Http2Client);
        const streams: { close: (code: number) => void }[] = [];
        const { session } = connection;
        const request = session.request.bind(session);
        session.request = (...args) => {
          const made = request(...args);
          streams.push(made);
          return made;
        };
        await begin(connection, "leaving");
        const { rest } = await begin(connection, "staying");
        return { leave: () => streams[0]?.close(cancel), rest, close: () => connection.leave() };
      }),
    );
  }
}
