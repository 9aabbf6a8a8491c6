import { runServer } from "pottle/server";
import { port } from "./answers.mjs";

const app = {
  handle: (exchange) => exchange.respond(200, [], "plain"),
  async websocket(connection) {
    await connection.accept();
    for (;;) await connection.send(await connection.receive());
  },
};
await runServer(app, { port });
