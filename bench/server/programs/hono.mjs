import { serve } from "../peers/node_modules/@hono/node-server/dist/index.mjs";
import { Hono } from "../peers/node_modules/hono/dist/index.js";
import { large, object, plain, port, stream } from "./answers.mjs";

const app = new Hono();
app.get("/plain", async (context) => context.text(plain));
app.get("/json", async (context) => context.json(object));
app.get("/large", async (context) => context.text(large));
app.get("/stream", async (context) => context.body(ReadableStream.from(encoded())));
app.post("/upload", async (context) => context.text(String((await context.req.arrayBuffer()).byteLength)));

async function* encoded() {
  const encoder = new TextEncoder();
  for await (const each of stream()) yield encoder.encode(each);
}

serve({ fetch: app.fetch, port, hostname: "127.0.0.1" });
