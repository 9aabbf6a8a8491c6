import { Readable } from "node:stream";
import fastify from "../peers/node_modules/fastify/fastify.js";
import { large, object, plain, port, stream } from "./answers.mjs";

const logs = process.argv[3] === "log";
const keepAliveTimeout = process.argv[3] === "idle" ? 600_000 : 72_000;
const app = fastify({ keepAliveTimeout, ...(logs && { logger: { level: "info" } }) });
app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
app.get("/plain", async (_request, reply) => reply.type("text/plain; charset=utf-8").send(plain));
app.get("/json", async () => object);
app.get("/large", async (_request, reply) => reply.type("text/plain; charset=utf-8").send(large));
app.get("/stream", async (_request, reply) => reply.type("text/plain; charset=utf-8").send(Readable.from(stream())));
app.post("/upload", async (request) => String(request.body.length));
await app.listen({ port, host: "127.0.0.1" });
