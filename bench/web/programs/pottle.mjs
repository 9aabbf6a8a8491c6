import { Broadcast, Pottle, renderTemplate } from "pottle";
import { runServer } from "pottle/server";
import { session, sessions } from "pottle/sessions";
import { z } from "zod";
import { files, header, port, routes, rows, secret, templates, text, todo, totalOf, zodOrder } from "./answers.mjs";

const app = new Pottle(import.meta, { templateFolder: templates });
sessions(app, { secretKey: secret });
app.get("/plain", async () => text);
app.get("/json", async () => todo);
app.get("/headers", async (_, request) => ({ value: request.headers.get(header) }));
app.post("/validated", { body: zodOrder(z) }, async ({ body }) => totalOf(body));
app.get("/template", () => renderTemplate("rows.html", { rows }));
app.get("/session", async () => {
  const count = Number(session().get("count") ?? 0) + 1;
  session().set("count", count);
  return { count };
});
app.static("/static", files);
for (const route of routes) app.get(`/${route}/<int:id>/detail`, async ({ id }) => ({ route, id }));

const news = new Broadcast();
app.websocket("/news", async (_, socket) => {
  const messages = news.subscribe("news");
  await socket.accept();
  for await (const message of messages) await socket.send(message);
});
app.post("/news", async (_, request) => {
  await news.publish("news", await request.text());
  return "";
});
await runServer(app, { port });
