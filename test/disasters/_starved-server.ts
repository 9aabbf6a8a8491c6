// The program of descriptors.test.ts: a server that says where it listens, and answers with the CPU time that it has used.

import { runServer } from "../../src/server/index.ts";

await runServer(
  {
    async handle(exchange) {
      const { user, system } = process.cpuUsage();
      await exchange.respond(200, [], JSON.stringify({ cpu: (user + system) / 1_000 }));
    },
  },
  { port: 0, keepAliveTimeout: 60_000, onListening: ({ url }) => console.log(`listening ${url}`) },
);
