import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectNet } from "node:net";
import { test } from "node:test";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { Event, setExceptionHandler, sleep } from "../../asyncio/index.ts";
import type { AccessEntry, Application } from "../../http/index.ts";
import { type RunningServer, serve, type ServeOptions } from "../index.ts";
import { ca, CertificateFolder, client, first, type Pair, second } from "../../base/certificates.fixture.ts";
import { TlsFiles } from "./tls-files.ts";

const app: Application = {
  handle: (exchange) => exchange.respond(200, [], `${exchange.scheme} ${exchange.method} ${exchange.target}`),
};

function start(tls: ServeOptions["tls"], options: ServeOptions = {}): Promise<RunningServer> {
  return serve(app, { port: 0, tls: tls!, drainTimeout: 0, ...options });
}

async function dial({ address }: RunningServer, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: address.host, port: address.port, ca: [first.cert, second.cert], ...options });
  await once(socket, "secureConnect");
  return socket;
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

function commonName(socket: TLSSocket): unknown {
  return socket.getPeerCertificate().subject.CN;
}

test("serve() speaks HTTPS with the certificate of its files", async () => {
  using folder = new CertificateFolder();
  await using server = await start(folder.write("first", first));
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const socket = await dial(server, { servername: "localhost", ALPNProtocols: ["http/1.1"] });
  assert.deepEqual([commonName(socket), socket.alpnProtocol], ["localhost", "http/1.1"]);
  assert.match(await ask(socket), /^HTTP\/1\.1 200 OK\r\n[^]*https GET \/x$/);
});

test("serve() has a certificate for each name that a client asks for", async () => {
  using folder = new CertificateFolder();
  const serverNames = { "*.example": folder.write("second", second) };
  await using server = await start({ ...folder.write("first", first), serverNames });
  for (const [servername, expected] of [
    ["other.example", "other.example"],
    ["OTHER.example", "other.example"],
    ["localhost", "localhost"],
  ] as const) {
    const socket = await dial(server, { servername, checkServerIdentity: () => undefined });
    assert.equal(commonName(socket), expected, servername);
    assert.match(await ask(socket), /200 OK/);
  }
});

test("serve() with tls.caFile serves only clients that show a certificate", async () => {
  using folder = new CertificateFolder();
  const caFile = folder.writeText("ca.crt", ca);
  const entries: AccessEntry[] = [];
  const refused = new Event();
  const onAccess = (entry: AccessEntry): void => {
    entries.push(entry);
    if (entry.outcome.kind === "refused") refused.set();
  };
  await using server = await start({ ...folder.write("first", first), caFile }, { onAccess });
  assert.match(await ask(await dial(server, { servername: "localhost", ...client })), /200 OK/);
  // Its client hears of it behind the handshake, which TLS 1.3 ends without waiting for the certificate.
  const stranger = connect({ ...server.address, ca: first.cert, servername: "localhost" });
  await assert.rejects(async () => {
    await once(stranger, "secureConnect");
    await ask(stranger);
  });
  await refused.wait();
  const { outcome } = entries.find((entry) => entry.outcome.kind === "refused")!;
  assert(outcome.kind === "refused");
  assert.match(outcome.reason, /^TLS was not set up: /);
});

test("serve() with tls.clientCertificate optional serves clients without a certificate", async () => {
  using folder = new CertificateFolder();
  const caFile = folder.writeText("ca.crt", ca);
  await using server = await start({ ...folder.write("first", first), caFile, clientCertificate: "optional" });
  assert.match(await ask(await dial(server, { servername: "localhost" })), /200 OK/);
});

test("serve() takes a connection without TLS for what it is, and goes on", async () => {
  using folder = new CertificateFolder();
  await using server = await start(folder.write("first", first));
  for (const garbage of ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01\xff\xff garbage", "\0".repeat(10_000)]) {
    const socket = connectNet({ ...server.address });
    socket.on("error", () => undefined).resume();
    socket.write(garbage);
    await once(socket, "close");
  }
  assert.match(await ask(await dial(server, { servername: "localhost" })), /200 OK/);
});

test("serve() ends a connection on which TLS is not set up within headersTimeout", async () => {
  using folder = new CertificateFolder();
  await using server = await start(folder.write("first", first), { headersTimeout: 100 });
  const begun = performance.now();
  const socket = connectNet({ ...server.address });
  socket.on("error", () => undefined).resume();
  await once(socket, "close");
  assert(performance.now() - begun >= 90);
});

test("RunningServer.close() does not wait for a connection on which TLS is being set up", async () => {
  using folder = new CertificateFolder();
  const server = await start(folder.write("first", first));
  const socket = connectNet({ ...server.address });
  socket.on("error", () => undefined).resume();
  await once(socket, "connect");
  await server.close();
  if (!socket.destroyed) await once(socket, "close");
});

function reports(): { messages: string[]; [Symbol.dispose](): void } {
  const messages: string[] = [];
  const before = setExceptionHandler(({ message }) => void messages.push(message));
  return { messages, [Symbol.dispose]: () => void setExceptionHandler(before) };
}

test("TlsFiles reads files anew that have changed, and keeps what it has if they are bad", () => {
  using folder = new CertificateFolder();
  using reported = reports();
  const certificates: unknown[] = [];
  const paths = folder.write("pair", first);
  const files = new TlsFiles(paths, ({ cert }) => certificates.push(String(cert)));
  files.look();
  assert.deepEqual(certificates, []);
  folder.write("pair", second);
  files.look();
  files.look();
  assert.deepEqual(certificates, [second.cert]);
  // The new key is not there yet.
  folder.writeText("pair.crt", first.cert);
  files.look();
  files.look();
  assert.deepEqual(reported.messages, ["The new certificate cannot be taken, and the old one stays"]);
  folder.writeText("pair.key", first.key);
  files.look();
  assert.deepEqual(certificates, [second.cert, first.cert]);
});

test("serve() has a new certificate without a restart, and drops no connection for it", async () => {
  using folder = new CertificateFolder();
  await using server = await start(folder.write("pair", first));
  const kept = await dial(server, { servername: "localhost" });
  kept.write("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  await once(kept, "data");
  folder.write("pair", second);
  while ((await nameShownBy(server)) !== "other.example") await sleep(100);
  assert.match(await ask(kept), /200 OK/);
});

async function nameShownBy(server: RunningServer): Promise<unknown> {
  const socket = await dial(server, { servername: "localhost", checkServerIdentity: () => undefined });
  const name = commonName(socket);
  socket.destroy();
  return name;
}

for (const [title, change, error] of [
  [
    "a file that is not there",
    { certFile: "/nowhere" },
    /^Cannot speak TLS with '\/nowhere' as the file does not exist$/,
  ],
  [
    "a text that is no certificate",
    { certFile: "text" },
    /^Cannot speak TLS with '\S+text' and '\S+first\.key' as the file is no PEM$/,
  ],
  [
    "a key of another certificate",
    { keyFile: "second" },
    /^Cannot speak TLS with '\S+first\.crt' and '\S+second\.key' as the key is not that of the certificate$/,
  ],
] as const) {
  test(`serve() refuses ${title} before it serves anybody`, async () => {
    using folder = new CertificateFolder();
    const files = { ...folder.write("first", first) };
    folder.write("second", second);
    const own = "certFile" in change ? folder.writeText("text", "no PEM") : folder.write("second", second).keyFile;
    const path = "certFile" in change && change.certFile === "/nowhere" ? "/nowhere" : own;
    await assert.rejects(start({ ...files, ...("certFile" in change ? { certFile: path } : { keyFile: path }) }), {
      name: "TlsFileError",
      message: error,
    });
  });
}

const pair: Omit<Pair, "cert" | "key"> & { certFile: string; keyFile: string } = { certFile: "a", keyFile: "b" };
for (const [tls, message] of [
  [{}, "Cannot serve as 'tls.certFile' must be a text that is not empty: current value is undefined"],
  [{ ...pair, keyFile: "" }, /'tls\.keyFile' must be a text/],
  [{ ...pair, minVersion: "TLSv1.1" }, /'tls\.minVersion' must be one of TLSv1\.2, TLSv1\.3/],
  [
    { ...pair, clientCertificate: "required" },
    "Cannot serve as 'tls.clientCertificate' needs 'tls.caFile': current value is \"required\"",
  ],
  [{ ...pair, serverNames: { a: {} } }, /'tls\.serverNames\.a\.certFile'/],
  ["yes", /'tls' must be an object/],
] as const) {
  test(`serve() refuses tls ${JSON.stringify(tls)}`, async () => {
    await assert.rejects(start(tls as never), typeof message === "string" ? { message } : message);
  });
}
