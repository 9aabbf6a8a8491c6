// On its node server, with zod-validator, the templates of eta, and a signed cookie of its own helper for the session.
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { zValidator } from "@hono/zod-validator";
import { Eta } from "eta";
import { Hono } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
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

const app = new Hono();
const eta = new Eta({ views: templates, cache: true });
app.get("/plain", async (context) => context.text(text));
app.get("/json", async (context) => context.json(todo));
app.get("/headers", async (context) => context.json({ value: context.req.header(header) }));
app.post("/validated", zValidator("json", zodOrder(z)), async (context) =>
  context.json(totalOf(context.req.valid("json"))),
);
app.get("/template", async (context) => context.html(eta.render("rows.eta", { rows })));
app.get("/session", async (context) => {
  const session = JSON.parse((await getSignedCookie(context, secret, "session")) || "{}");
  const count = Number(session.count ?? 0) + 1;
  await setSignedCookie(context, "session", JSON.stringify({ count }), secret, { httpOnly: true, sameSite: "lax" });
  return context.json({ count });
});
app.use("/static/*", serveStatic({ root: files, rewriteRequestPath: (path) => path.slice("/static".length) }));
for (const route of routes) {
  app.get(`/${route}/:id{[0-9]+}/detail`, async (context) =>
    context.json({ route, id: Number(context.req.param("id")) }),
  );
}
serve({ fetch: app.fetch, port, hostname: "127.0.0.1" });
