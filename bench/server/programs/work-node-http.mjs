import { createServer } from "node:http";
import { plain, port } from "./answers.mjs";
import { work } from "./work.mjs";

createServer((request, response) => {
  const body = request.url.startsWith("/work/") ? work(Number(request.url.slice("/work/".length))) : plain;
  const headers = { "Content-Type": "text/plain; charset=utf-8", "Content-Length": Buffer.byteLength(body) };
  response.writeHead(200, headers).end(body);
}).listen(port, "127.0.0.1");
