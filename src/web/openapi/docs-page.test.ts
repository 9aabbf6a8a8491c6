import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { z } from "zod";
import { serve } from "../../server/index.ts";
import { Pottle } from "../index.ts";
import { addOpenapi } from "./index.ts";

const executablePath = "/usr/bin/chromium";
const skip = existsSync(executablePath) ? false : "chromium is not installed";

function makeApp(): Pottle {
  const app = new Pottle();
  app.get("/todos/<int:id>", { summary: "Show a todo", response: z.object({ id: z.number() }) }, ({ id }) => ({ id }));
  app.post("/todos", { summary: "Add a todo", body: z.object({ title: z.string() }) }, ({ body }) => body);
  addOpenapi(app, {
    title: "Todos <1>",
    version: "1.0.0",
    servers: [{ url: "/" }, { url: "https://api.example.com/v1" }],
  });
  return app;
}

test("addOpenapi() serves a page that names no other origin, and its files", async () => {
  const client = makeApp().testClient();
  const page = await client.get("/docs");
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text(), /(?:https?:)?\/\/[a-z]/i);
  assert.match(page.text(), /<title>Todos &#60;1&#62;<\/title>/);
  assert.match(page.headers.get("content-security-policy") ?? "", /connect-src 'self' https:\/\/api\.example\.com;/);
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "start.js"]) {
    const response = await client.get(`/docs/${file}`);
    assert.equal(response.status, 200, file);
    assert.match(response.headers.get("content-type") ?? "", file.endsWith("css") ? /^text\/css/ : /javascript/);
  }
  assert.equal((await client.get("/docs/package.json")).status, 404);
  assert.equal((await client.get("/docs/")).text(), page.text());
});

test("addOpenapi() shows its page under a path and a mount of one's own", async () => {
  const inner = new Pottle();
  addOpenapi(inner, { title: "x", version: "1", path: "/schema.json", docs: "/" });
  const app = new Pottle();
  app.mount("/api", inner);
  const client = app.testClient();
  const page = (await client.get("/api/")).text();
  const links = [...page.matchAll(/(?:src|href|data-url)="(\/[^"]*)"/g)].map(([, link = ""]) => link);
  assert.deepEqual(links, ["/api/swagger-ui.css", "/api/schema.json", "/api/swagger-ui-bundle.js", "/api/start.js"]);
  for (const link of links) assert.equal((await client.get(link)).status, 200, link);
});

test(
  "Chromium renders the operations of the page, tries one out, and asks no other origin",
  { skip, timeout: 120_000 },
  async () => {
    await using server = await serve(makeApp(), { port: 0 });
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage();
      const asked: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(new URL("/docs", server.url).href);
      await page.locator("#operations-default-getTodosId").waitFor();
      assert.equal(await page.locator(".opblock").count(), 2);
      assert.match(await page.locator("#swagger-ui").innerText(), /Show a todo[\s\S]*Add a todo/);
      await page.locator("#operations-default-getTodosId .opblock-summary-control").click();
      await page.getByRole("button", { name: "Try it out" }).click();
      await page.locator("#operations-default-getTodosId input").first().fill("7");
      await page.getByRole("button", { name: "Execute" }).click();
      await page.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
      assert.deepEqual(complaints, []);
      const { origin } = new URL(server.url);
      const outside = asked.filter(
        (url) => !url.startsWith("data:") && !url.startsWith("blob:") && new URL(url).origin !== origin,
      );
      assert.deepEqual(outside, []);
      assert(asked.some((url) => url.endsWith("/todos/7")));
    } finally {
      await browser.close();
    }
  },
);
