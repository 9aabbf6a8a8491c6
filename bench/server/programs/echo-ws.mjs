import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { port } from "./answers.mjs";

const server = createServer((_request, response) => response.end("plain"));
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })));
server.listen(port, "127.0.0.1");
