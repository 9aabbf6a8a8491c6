// With zod by hand, the templates of nunjucks, and its own sessions, which are encrypted.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { H3, readValidatedBody, serve, serveStatic, useSession } from "h3";
import nunjucks from "nunjucks";
import { z } from "zod";
import {
  files,
  header,
  port,
  routes,
  rows,
  secret,
  templates,
  text,
  todo,
  totalOf,
  zodOrder,
} from "../programs/answers.mjs";

const app = new H3();
const environment = nunjucks.configure(templates, { autoescape: true });
const order = zodOrder(z);
app.get("/plain", async () => text);
app.get("/json", async () => todo);
app.get("/headers", async (event) => ({ value: event.req.headers.get(header) }));
app.post("/validated", async (event) => totalOf(await readValidatedBody(event, order)));
app.get("/template", async (event) => {
  event.res.headers.set("Content-Type", "text/html; charset=utf-8");
  return environment.render("rows.html", { rows });
});
app.get("/session", async (event) => {
  const session = await useSession(event, { password: secret, cookie: { secure: false } });
  const count = Number(session.data.count ?? 0) + 1;
  await session.update({ count });
  return { count };
});
app.get("/static/**", (event) =>
  serveStatic(event, {
    getMeta: async (id) => {
      const { size, mtimeMs } = await stat(join(files, id.slice("/static".length)));
      return { size, mtime: mtimeMs, type: "text/css" };
    },
    getContents: (id) => Readable.toWeb(createReadStream(join(files, id.slice("/static".length)))),
  }),
);
for (const route of routes)
  app.get(`/${route}/:id/detail`, (event) => ({ route, id: Number(event.context.params.id) }));
serve(app, { port, hostname: "127.0.0.1", silent: true });
