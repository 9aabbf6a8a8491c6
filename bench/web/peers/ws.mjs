// A broadcast by hand, with bare ws on node:http.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { port, text } from "../programs/answers.mjs";

const server = createServer((request, response) => {
  if (request.method !== "POST") return void response.end(text);
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const message = Buffer.concat(pieces).toString();
    for (const client of sockets.clients) client.send(message);
    response.end();
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
server.listen(port, "127.0.0.1");
