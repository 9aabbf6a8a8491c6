import { testGateway } from "./gateway-contract.ts";
import { connectRaw } from "./gateway-sockets.ts";
import { MemoryConnection } from "./gateway-memory.ts";
import { serve } from "../src/server/index.ts";

for (const engine of ["pottle", "node:http"] as const) {
  testGateway({
    name: engine,
    atOnce: engine === "pottle" ? 1 : Infinity,
    async serve(app, onAccess) {
      const server = await serve(app, { port: 0, engine, onAccess, cancelGrace: 20, drainTimeout: 0 });
      const { host, port } = server.address;
      return { connect: () => connectRaw(host, port), [Symbol.asyncDispose]: () => server.close() };
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
