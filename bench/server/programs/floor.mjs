// A socket that answers whatever comes with fixed bytes: what no server can be faster than.
import { createServer } from "node:net";
import { plain, port } from "./answers.mjs";

const response = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${plain.length}\r\n\r\n${plain}`;
createServer({ noDelay: true }, (socket) => {
  socket.on("data", () => void socket.write(response, "latin1"));
  socket.on("error", () => undefined);
}).listen(port, "127.0.0.1");
