// With zod by hand, the templates of nunjucks, and sessions of cookie-session.
import cookieSession from "cookie-session";
import express from "express";
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

const app = express();
nunjucks.configure(templates, { autoescape: true, express: app });
const order = zodOrder(z);
app.get("/plain", async (_request, response) => void response.type("text/plain").send(text));
app.get("/json", async (_request, response) => void response.json(todo));
app.get("/headers", async (request, response) => void response.json({ value: request.get(header) }));
app.post("/validated", express.json(), async (request, response) => {
  response.json(totalOf(order.parse(request.body)));
});
app.get("/template", async (_request, response) => void response.render("rows.html", { rows }));
app.get("/session", cookieSession({ secret, sameSite: "lax" }), async (request, response) => {
  const count = Number(request.session.count ?? 0) + 1;
  request.session.count = count;
  response.json({ count });
});
app.use("/static", express.static(files));
for (const route of routes) {
  app.get(`/${route}/:id/detail`, async (request, response) => {
    response.json({ route, id: Number(request.params.id) });
  });
}
app.listen(port, "127.0.0.1");
