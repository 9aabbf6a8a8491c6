// What the middlewares do with WebSockets.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { test } from "node:test";
import { WebSocket } from "ws";
import { type AccessEntry, type Application, type Peer, WrappedWebSocket } from "../../http/index.ts";
import { ca, CertificateFolder, client as clientPair, first } from "../../base/certificates.fixture.ts";
import { serve } from "../serve.ts";
import { ask, askForWebSocket, mirror, socketMirror } from "./ask.fixture.ts";
import { dispatchByHost } from "./dispatch-by-host.ts";
import { dispatchByPrefix } from "./dispatch-by-prefix.ts";
import { redirectToHttps } from "./redirect-to-https.ts";
import { trustProxies } from "./trust-proxies.ts";

interface Seen {
  readonly name: string;
  readonly isWebSocket?: true;
  readonly target: string;
  readonly scheme: string;
  readonly basePath?: string;
  readonly peer?: Peer;
  readonly host?: string;
}

async function see(application: Application, target: string, rawHeaders: string[] = []): Promise<Seen | number> {
  const { status, body } = await askForWebSocket(application, { target, rawHeaders });
  return status === 101 || status === 200 ? (JSON.parse(body) as Seen) : status;
}

const inside = { trusted: ["127.0.0.0/8"] };

for (const [name, wrap] of [
  ["dispatchByPrefix()", (inner: Application) => dispatchByPrefix({ "/a": mirror(), "/b": inner })],
  ["dispatchByHost()", (inner: Application) => dispatchByHost({ a: mirror(), b: inner })],
  ["trustProxies()", (inner: Application) => trustProxies(inner, inside)],
  ["redirectToHttps()", (inner: Application) => redirectToHttps(inner)],
] as const) {
  test(`${name} takes WebSockets if what it wraps does, even if only later`, () => {
    const inner = mirror();
    const wrapped = wrap(inner);
    assert.ok(wrapped.websocket === undefined);
    inner.websocket = () => undefined;
    assert.ok(wrapped.websocket !== undefined);
  });
}

const site = dispatchByPrefix({ "/": mirror("site"), "/chat": socketMirror("chat"), "/chat/old": mirror("old") });

for (const [target, name, isWebSocket, rest, basePath] of [
  ["/chat", "chat", true, "/", "/chat"],
  ["/chat/rooms/1?x=1", "chat", true, "/rooms/1?x=1", "/chat"],
  ["/%63hat/a%20b", "chat", true, "/a%20b", "/chat"],
  ["/chats", "site", undefined, "/chats", undefined],
  ["/chat/old/x", "old", undefined, "/x", "/chat/old"],
] as const) {
  test(`dispatchByPrefix() hands the WebSocket ${target} to ${name}${isWebSocket ? "" : ", as a request"}`, async () => {
    const seen = (await see(site, target)) as Seen;
    assert.deepEqual([seen.name, seen.isWebSocket, seen.target, seen.basePath], [name, isWebSocket, rest, basePath]);
  });
}

test("dispatchByPrefix() within dispatchByPrefix() adds up the prefixes of a WebSocket, and rejects others with 404", async () => {
  const nested = dispatchByPrefix({ "/a": dispatchByPrefix({ "/b": socketMirror(), "/c": mirror("plain") }) });
  const seen = (await see(nested, "/a/b/c")) as Seen;
  assert.deepEqual([seen.target, seen.basePath], ["/c", "/a/b"]);
  const plain = (await see(nested, "/a/c/d")) as Seen;
  assert.deepEqual([plain.name, plain.target, plain.basePath], ["plain", "/d", "/a/c"]);
  assert.equal(await see(nested, "/a/x"), 404);
  assert.equal(await see(nested, "/x"), 404);
});

test("dispatchByHost() hands a WebSocket to the application of its host, and rejects others with 421", async () => {
  const hosts = dispatchByHost({ "chat.example.com": socketMirror("chat"), "*.example.com": mirror("site") });
  assert.equal(((await see(hosts, "/", ["Host", "chat.example.com:80"])) as Seen).name, "chat");
  const seen = (await see(hosts, "/x", ["Host", "www.example.com"])) as Seen;
  assert.deepEqual([seen.name, seen.isWebSocket, seen.target], ["site", undefined, "/x"]);
  assert.equal(await see(hosts, "/", ["Host", "other.com"]), 421);
});

const forwarded = Object.entries({
  Host: "inner",
  "X-Forwarded-For": "6.6.6.6, 203.0.113.9",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Host": "example.com",
  "X-Forwarded-Port": "8443",
  "X-Forwarded-Prefix": "/app",
}).flat();

test("trustProxies() shows a WebSocket as the client asked for it, and to the access log too", async () => {
  const entries: AccessEntry[] = [];
  const application = dispatchByPrefix({ "/a": trustProxies(socketMirror(), inside) });
  const onAccess = (entry: AccessEntry): void => void entries.push(entry);
  for (const rawHeaders of [forwarded, ["Host", "inner"]]) {
    const { body } = await askForWebSocket(application, { target: "/a/b", rawHeaders }, { onAccess });
    const { target, scheme, peer, host, basePath } = JSON.parse(body) as Seen;
    const expected =
      rawHeaders === forwarded
        ? ["/b", "wss", "203.0.113.9", "example.com:8443", "/app/a"]
        : ["/b", "ws", "127.0.0.1", "inner", "/a"];
    assert.deepEqual([target, scheme, peer?.address, host, basePath], expected);
  }
  assert.deepEqual(
    entries.map(({ peer, client }) => [peer?.address, client?.address]),
    [
      ["127.0.0.1", "203.0.113.9"],
      ["127.0.0.1", "127.0.0.1"],
    ],
  );
});

test("trustProxies() believes nothing that another peer says of a WebSocket", async () => {
  const seen = (await see(trustProxies(socketMirror(), { trusted: ["10.0.0.0/8"] }), "/", forwarded)) as Seen;
  assert.deepEqual([seen.scheme, seen.peer?.address, seen.host], ["ws", "127.0.0.1", "inner"]);
});

test("trustProxies() keeps wss if the proxy says nothing, and takes ws if it says http", async () => {
  const encrypted = (inner: Application): Application => ({
    ...inner,
    websocket: (connection) => inner.websocket!(new WrappedWebSocket(connection, { scheme: "wss" })),
  });
  const application = encrypted(trustProxies(socketMirror(), inside));
  assert.equal(((await see(application, "/")) as Seen).scheme, "wss");
  assert.equal(((await see(application, "/", ["X-Forwarded-Proto", "http"])) as Seen).scheme, "ws");
});

test("trustProxies() shows an application without websocket() the client of a WebSocket that is an ordinary request", async () => {
  const application = trustProxies(dispatchByPrefix({ "/ws": socketMirror(), "/": mirror("site") }), inside);
  const seen = (await see(application, "/x", forwarded)) as Seen;
  assert.deepEqual(
    [seen.name, seen.target, seen.scheme, seen.peer?.address, seen.basePath],
    ["site", "/x", "https", "203.0.113.9", "/app"],
  );
});

test("redirectToHttps() rejects a WebSocket over plain HTTP by a redirect to wss", async () => {
  const request = { target: "/a%20b?c=d", rawHeaders: ["Host", "example.com:8080"] };
  const { status, headers } = await askForWebSocket(redirectToHttps(socketMirror()), request);
  assert.equal(status, 307);
  assert.deepEqual(headers.slice(0, 2), ["Location", "wss://example.com/a%20b?c=d"]);
  const own = redirectToHttps(socketMirror(), { host: "other.com:8443", status: 308 });
  const other = await askForWebSocket(own, request);
  assert.deepEqual([other.status, other.headers[1]], [308, "wss://other.com:8443/a%20b?c=d"]);
  assert.equal(await see(redirectToHttps(socketMirror()), "/", ["Host", "a b"]), 400);
});

test("redirectToHttps() lets a WebSocket pass that a trusted proxy had by HTTPS, and keeps the prefix of a dispatcher", async () => {
  const behind = trustProxies(redirectToHttps(socketMirror()), inside);
  assert.equal(((await see(behind, "/", forwarded)) as Seen).scheme, "wss");
  const dispatched = dispatchByPrefix({ "/a": redirectToHttps(socketMirror()) });
  const { headers } = await askForWebSocket(dispatched, { target: "/a/b", rawHeaders: ["Host", "example.com"] });
  assert.equal(headers[1], "wss://example.com/a/b");
});

test("redirectToHttps() answers a request for a WebSocket as any other if its application takes none", async () => {
  const rawHeaders = ["Host", "example.com", "Upgrade", "websocket", "Connection", "Upgrade"];
  const { status, headers } = await ask(redirectToHttps(mirror()), { target: "/", rawHeaders });
  assert.deepEqual([status, headers[1]], [307, "https://example.com/"]);
});

for (const engine of ["pottle", "node:http"] as const) {
  test(`The middlewares pass WebSockets over a socket of ${engine}`, async () => {
    const entries: AccessEntry[] = [];
    const parts = dispatchByPrefix({ "/chat": socketMirror("chat"), "/": mirror("site") });
    const application = trustProxies(redirectToHttps(parts), inside);
    const onAccess = (entry: AccessEntry): void => void entries.push(entry);
    await using server = await serve(application, { port: 0, engine, onAccess });
    const url = server.url.replace("http", "ws");
    const headers = { "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https" };

    const socket = new WebSocket(`${url}/chat/1`, { headers });
    const [message] = (await once(socket, "message")) as [Buffer];
    await once(socket, "close");
    const seen = JSON.parse(message.toString()) as Seen;
    assert.deepEqual(
      [seen.name, seen.target, seen.basePath, seen.scheme, seen.peer?.address],
      ["chat", "/1", "/chat", "wss", "203.0.113.9"],
    );

    // A part without websocket() answers as it does to any request; plain HTTP is redirected.
    assert.deepEqual(await refusalOf(new WebSocket(`${url}/other`, { headers })), [200, undefined]);
    assert.deepEqual(await refusalOf(new WebSocket(`${url}/chat`)), [307, "wss://127.0.0.1/chat"]);
    await server.close();
    assert.deepEqual(
      entries.map(({ target, status, client }) => [target, status, client?.address]),
      [
        ["/chat/1", 101, "203.0.113.9"],
        ["/other", 200, "203.0.113.9"],
        ["/chat", 307, "127.0.0.1"],
      ],
    );
  });
}

test("dispatchByPrefix() hands a request for a WebSocket to a part without websocket() with what TLS says of it", async () => {
  using folder = new CertificateFolder();
  const caFile = folder.writeText("ca.crt", ca);
  const facts: unknown[] = [];
  const plain: Application = {
    handle: (exchange) => {
      facts.push(exchange.scheme, exchange.tls?.clientCertificate?.subject["CN"]);
      return exchange.respond(200, []);
    },
  };
  const tls = { ...folder.write("first", first), caFile };
  await using server = await serve(dispatchByPrefix({ "/chat": socketMirror(), "/": plain }), { port: 0, tls });
  const url = server.url.replace("https", "wss");
  const socket = new WebSocket(url, [], { ...clientPair, ca: first.cert });
  assert.deepEqual(await refusalOf(socket), [200, undefined]);
  const { subject } = new X509Certificate(clientPair.cert);
  assert.deepEqual(facts, ["https", subject.replace("CN=", "")]);
});

async function refusalOf(socket: WebSocket): Promise<[status: number | undefined, location: string | undefined]> {
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  response.resume();
  await once(response, "end");
  return [response.statusCode, response.headers.location];
}

test("The middlewares pass WebSockets over a stream of HTTP/2, where a part without websocket() is answered for by 501", async () => {
  const parts = dispatchByPrefix({ "/chat": redirectToHttps(socketMirror()), "/open": socketMirror(), "/": mirror() });
  await using server = await serve(parts, { port: 0 });
  const session = connect(server.url);
  try {
    await once(session, "remoteSettings");
    const answerTo = async (path: string): Promise<unknown[]> => {
      const stream = session.request({
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":path": path,
        "sec-websocket-version": "13",
      });
      const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
      stream.close();
      return [headers[":status"], headers["location"]];
    };
    assert.deepEqual(await answerTo("/open/1"), [200, undefined]);
    assert.deepEqual(await answerTo("/other"), [501, undefined]);
    assert.equal((await answerTo("/chat"))[0], 307);
    assert.match(String((await answerTo("/chat"))[1]), /^https:\/\/[^/]+\/chat\/$/);
  } finally {
    session.destroy();
  }
});
