// The program of sigterm.test.ts: a server that takes a few milliseconds for each answer, until a signal ends it.

import { sleep } from "../../src/asyncio/index.ts";
import { runServer } from "../../src/server/index.ts";

await runServer(
  {
    async handle(exchange) {
      await sleep(Number(exchange.target.slice(1)));
      await exchange.respond(200, [], "served");
    },
  },
  { port: 0, onListening: ({ url }) => console.log(`listening ${url}`) },
);
