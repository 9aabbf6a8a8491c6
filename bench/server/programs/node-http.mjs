import { createServer } from "node:http";
import { Readable } from "node:stream";
import { large, object, plain, port, stream } from "./answers.mjs";

const server = createServer((request, response) => {
  switch (request.url) {
    case "/plain":
      return send(response, "text/plain; charset=utf-8", plain);
    case "/json":
      return send(response, "application/json", JSON.stringify(object));
    case "/large":
      return send(response, "text/plain; charset=utf-8", large);
    case "/stream":
      response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" });
      return void Readable.from(stream()).pipe(response);
    case "/upload": {
      let size = 0;
      request.on("data", (chunk) => (size += chunk.length));
      return void request.on("end", () => send(response, "text/plain; charset=utf-8", String(size)));
    }
    default:
      response.writeHead(404).end();
  }
});

function send(response, type, body) {
  response.writeHead(200, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) }).end(body);
}

if (process.argv[3] === "idle") server.keepAliveTimeout = 600_000;
server.listen(port, "127.0.0.1");
