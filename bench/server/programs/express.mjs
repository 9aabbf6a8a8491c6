import { Readable } from "node:stream";
import express from "../peers/node_modules/express/index.js";
import { large, object, plain, port, stream } from "./answers.mjs";

const app = express();
app.get("/plain", async (_request, response) => void response.type("text/plain").send(plain));
app.get("/json", async (_request, response) => void response.json(object));
app.get("/large", async (_request, response) => void response.type("text/plain").send(large));
app.get("/stream", (_request, response) => void Readable.from(stream()).pipe(response.type("text/plain")));
app.post("/upload", express.raw({ type: "*/*" }), async (request, response) => {
  response.type("text/plain").send(String(request.body.length));
});
app.listen(port, "127.0.0.1");
