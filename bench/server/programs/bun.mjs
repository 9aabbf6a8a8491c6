// Another runtime: run by the package `bun`.
import { large, object, plain, port, stream } from "./answers.mjs";

Bun.serve({
  port,
  hostname: "127.0.0.1",
  routes: {
    "/plain": async () => new Response(plain),
    "/json": async () => Response.json(object),
    "/large": async () => new Response(large),
    "/stream": async () => new Response(stream()),
    "/upload": { POST: async (request) => new Response(String((await request.arrayBuffer()).byteLength)) },
  },
});
