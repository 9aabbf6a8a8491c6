import { Pottle, request } from "pottle";
import { runServer } from "pottle/server";
import { large, object, plain, port, stream } from "./answers.mjs";

const [, , , how = "pottle"] = process.argv;
const app = new Pottle(import.meta);
app.get("/plain", async () => plain);
app.get("/json", async () => object);
app.get("/large", async () => large);
app.get("/stream", async () => stream());
app.post("/upload", async () => String((await request().bytes()).length));
const engine = how === "node:http" ? how : "pottle";
if (how === "log") await app.run({ port });
else await runServer(app, { port, engine, keepAliveTimeout: how === "idle" ? 600_000 : 5_000 });
