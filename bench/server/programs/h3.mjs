import { H3, serve } from "../peers/node_modules/h3/dist/_entries/node.mjs";
import { large, object, plain, port, stream } from "./answers.mjs";

const app = new H3();
app.get("/plain", async () => plain);
app.get("/json", async () => object);
app.get("/large", async () => large);
app.get("/stream", async () => ReadableStream.from(encoded()));
app.post("/upload", async (event) => String((await event.req.arrayBuffer()).byteLength));

async function* encoded() {
  const encoder = new TextEncoder();
  for await (const each of stream()) yield encoder.encode(each);
}

serve(app, { port, hostname: "127.0.0.1", silent: true });
