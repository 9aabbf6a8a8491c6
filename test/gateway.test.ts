// The contract of the gateway, over each engine and each way to reach it.

import { once } from "node:events";
import { after } from "node:test";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { type RunningServer, serve, type ServeOptions } from "../src/server/index.ts";
import { CertificateFolder, first } from "../src/base/certificates.fixture.ts";
import { testGateway } from "./gateway-contract.ts";
import type { ContractConnection } from "./gateway-scene.ts";
import { MemoryConnection } from "./gateway-memory.ts";
import { RawConnection } from "./gateway-sockets.ts";
import { connectHttp2 } from "./server-http2/_client.ts";

const certificates = new CertificateFolder();
after(() => certificates[Symbol.dispose]());
const tls = certificates.write("first", first);
let sockets = 0;

interface Way {
  readonly name: string;
  readonly options: () => ServeOptions;
  readonly connect: (server: RunningServer) => Promise<ContractConnection>;
  readonly atOnce: number;
  readonly hasPeer?: boolean;
}

async function raw(socket: Socket, event: string): Promise<RawConnection> {
  await once(socket, event);
  return new RawConnection(socket);
}

const allowHalfOpen = true;
// The types do not know it.
const halfOpen: object = { allowHalfOpen };
const plain = ({ address: { host, port } }: RunningServer): Promise<RawConnection> =>
  raw(connect({ host, port, allowHalfOpen }), "connect");
const secure = ({ address: { host, port } }: RunningServer): Promise<RawConnection> =>
  raw(connectTls({ host, port, ca: first.cert, servername: "localhost", ...halfOpen }), "secureConnect");
const unix = ({ url }: RunningServer): Promise<RawConnection> =>
  raw(connect({ path: url.slice("unix:".length), allowHalfOpen }), "connect");
const socketPath = (): string => `unix:${join(tmpdir(), `pottle-gateway-${process.pid}-${sockets++}.sock`)}`;

const ways: readonly Way[] = [
  { name: "pottle", options: () => ({}), connect: plain, atOnce: 1 },
  { name: "pottle by TLS", options: () => ({ tls }), connect: secure, atOnce: 1 },
  {
    name: "pottle by a Unix socket",
    options: () => ({ host: socketPath() }),
    connect: unix,
    atOnce: 1,
    hasPeer: false,
  },
  {
    name: "pottle by HTTP/2 in the clear",
    options: () => ({}),
    connect: ({ address }) => connectHttp2(address.port),
    atOnce: Infinity,
  },
  {
    name: "pottle by HTTP/2 and TLS",
    options: () => ({ tls }),
    connect: ({ address }) => connectHttp2(address.port, true, first.cert),
    atOnce: Infinity,
  },
  { name: "node:http", options: () => ({ engine: "node:http" }), connect: plain, atOnce: Infinity },
];

for (const { name, options, connect: open, atOnce, hasPeer = true } of ways) {
  testGateway({
    name,
    hasPeer,
    atOnce,
    async serve(app, onAccess) {
      const server = await serve(app, { port: 0, onAccess, cancelGrace: 100, drainTimeout: 0, ...options() });
      return { connect: () => open(server), [Symbol.asyncDispose]: () => server.close() };
    },
  });
}

testGateway({
  name: "in memory",
  atOnce: Infinity,
  serve: async (app, onAccess) => ({
    connect: async () => new MemoryConnection(app, { onAccess, cancelGrace: 20 }),
    [Symbol.asyncDispose]: async () => undefined,
  }),
});
