// HTTP/2 on the port after the one that it is given, on which it only says that it is there.
import { createServer as createHttp } from "node:http";
import { createServer } from "node:http2";
import { plain, port } from "./answers.mjs";

const server = createServer();
server.on("stream", (stream) => {
  stream.respond({
    ":status": 200,
    "content-type": "text/plain; charset=utf-8",
    "content-length": String(plain.length),
  });
  stream.end(plain);
});
server.listen(port + 1, "127.0.0.1");
createHttp((_request, response) => response.end(plain)).listen(port, "127.0.0.1");
