// With the schemas of its requests and responses, the templates of nunjucks, and sessions of @fastify/secure-session, which
// encrypts them by libsodium.
import secureSession from "@fastify/secure-session";
import fastifyStatic from "@fastify/static";
import view from "@fastify/view";
import websocket from "@fastify/websocket";
import fastify from "fastify";
import nunjucks from "nunjucks";
import {
  files,
  header,
  orderSchema,
  port,
  routes,
  rows,
  secret,
  templates,
  text,
  todo,
  totalOf,
} from "../programs/answers.mjs";

const app = fastify();
const ofObject = (properties) => ({ schema: { response: { 200: { type: "object", properties } } } });
const [string, number] = [{ type: "string" }, { type: "number" }];
const todoProperties = {
  id: { type: "integer" },
  title: string,
  done: { type: "boolean" },
  tags: { type: "array", items: string },
  hours: number,
};

app.get("/plain", async (_request, reply) => reply.type("text/plain; charset=utf-8").send(text));
app.get("/json", ofObject(todoProperties), async () => todo);
app.get("/headers", ofObject({ value: string }), async (request) => ({ value: request.headers[header] }));
const ofOrder = ofObject({ total: number });
ofOrder.schema.body = orderSchema;
app.post("/validated", ofOrder, async (request) => totalOf(request.body));
for (const route of routes) {
  const options = ofObject({ route: string, id: { type: "integer" } });
  options.schema.params = { type: "object", properties: { id: { type: "integer" } }, required: ["id"] };
  app.get(`/${route}/:id/detail`, options, async (request) => ({ route, id: request.params.id }));
}
app.register(fastifyStatic, { root: files, prefix: "/static/" });
app.register(async (pages) => {
  pages.register(view, { engine: { nunjucks }, root: templates, production: true });
  pages.get("/template", async (_request, reply) => reply.view("rows.html", { rows }));
});
app.register(async (counting) => {
  counting.register(secureSession, {
    key: Buffer.from(secret),
    cookie: { path: "/", httpOnly: true, sameSite: "lax" },
  });
  counting.get("/session", ofObject({ count: number }), async (request) => {
    const count = Number(request.session.get("count") ?? 0) + 1;
    request.session.set("count", count);
    return { count };
  });
});
app.register(async (news) => {
  await news.register(websocket, { options: { perMessageDeflate: false } });
  news.addContentTypeParser("text/plain", { parseAs: "string" }, (_request, body, done) => done(null, body));
  news.get("/news", { websocket: true }, () => undefined);
  news.post("/news", async (request) => {
    for (const client of news.websocketServer.clients) client.send(request.body);
    return "";
  });
});
await app.listen({ port, host: "127.0.0.1" });
