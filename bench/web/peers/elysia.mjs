// Another runtime: run by the package `bun`. With its own schemas, the templates of eta, and its own signed cookies.
import { join } from "node:path";
import { Elysia, t } from "elysia";
import { Eta } from "eta";
import { files, header, port, routes, rows, secret, templates, text, todo, totalOf } from "../programs/answers.mjs";

const eta = new Eta({ views: templates, cache: true });
const order = t.Object({
  customer: t.String({ minLength: 1, maxLength: 100 }),
  email: t.String({ pattern: "^[^@ ]+@[^@ ]+$" }),
  note: t.Optional(t.String({ maxLength: 1000 })),
  items: t.Array(
    t.Object({
      sku: t.String({ pattern: "^[A-Z]{3}-[0-9]{4}$" }),
      name: t.String({ minLength: 1 }),
      price: t.Number({ minimum: 0 }),
      quantity: t.Integer({ minimum: 1, maximum: 100 }),
    }),
    { minItems: 1 },
  ),
});
const counted = t.Cookie(
  { session: t.Optional(t.Object({ count: t.Number() })) },
  { secrets: secret, sign: ["session"] },
);

const app = new Elysia()
  .get("/plain", async () => text)
  .get("/json", async () => todo)
  .get("/headers", async ({ headers }) => ({ value: headers[header] }))
  .post("/validated", async ({ body }) => totalOf(body), { body: order })
  .get("/template", async ({ set }) => {
    set.headers["content-type"] = "text/html; charset=utf-8";
    return eta.render("rows.eta", { rows });
  })
  .get(
    "/session",
    async ({ cookie: { session } }) => {
      const count = (session.value?.count ?? 0) + 1;
      session.value = { count };
      return { count };
    },
    { cookie: counted },
  )
  .get("/static/*", ({ params }) => Bun.file(join(files, params["*"])));
for (const route of routes) {
  app.get(`/${route}/:id/detail`, async ({ params: { id } }) => ({ route, id }), {
    params: t.Object({ id: t.Numeric() }),
  });
}
app.listen({ port, hostname: "127.0.0.1" });
