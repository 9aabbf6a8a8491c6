import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { typedClient } from "pottle/typed-client";
import { pottle, Program } from "../_program.ts";
import { noChromium, startChromium } from "../tour/_chromium.ts";
import { createApp } from "./app.ts";
import { routes } from "./contract.ts";

const timeout = 60_000;
const program = new Program({ after }, [pottle, "run", join(import.meta.dirname, "app.ts"), "--port", "0"]);
const [url] = await program.printed(/http:\/\/[\w.:]+/);

describe("the todo API", () => {
  test("a typed client adds, lists, changes and removes todos", async () => {
    const client = typedClient(createApp().testClient(), { routes });
    const added = await client.post("/todos", { body: { title: "  write " } });
    assert.equal(added.status, 201);
    assert.deepEqual(added.body, { id: 1, done: false, title: "write", due: null });
    assert.equal(added.headers.get("location"), "/todos/1");
    const params = { id: 1 };
    const body = { due: "2026-12-24" };
    const changed = await client.patch("/todos/<int:id>", { params, body });
    assert.deepEqual(changed.body, { id: 1, done: false, title: "write", due: "2026-12-24" });
    await client.patch("/todos/<int:id>", { params, body: { done: true } });
    assert.equal((await client.get("/todos", { query: { done: "false" } })).status, 200);
    const [done, open] = [{ query: { done: "true" } }, { query: { done: "false" } }];
    assert.deepEqual((await client.get("/todos", done)).body, [{ ...changed.body, done: true }]);
    assert.deepEqual((await client.get("/todos", open)).body, []);
    assert.equal((await client.delete("/todos/<int:id>", { params })).status, 204);
    for (const missing of [
      await client.get("/todos/<int:id>", { params }),
      await client.patch("/todos/<int:id>", { params, body: {} }),
      await client.delete("/todos/<int:id>", { params }),
    ]) {
      assert.deepEqual([missing.status, missing.body], [404, { detail: "There is no todo 1." }]);
    }
  });

  for (const [body, place] of [
    [{ title: " " }, "title"],
    [{ title: "x".repeat(201) }, "title"],
    [{}, "title"],
    [{ title: "x", due: "tomorrow" }, "due"],
    [[], undefined],
  ] as const) {
    test(`POST /todos refuses ${JSON.stringify(body).slice(0, 40)}, and says where it is wrong`, async () => {
      const response = await fetch(`${url}/todos`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      assert.equal(response.status, 400);
      const { errors } = (await response.json()) as { errors: { in: string; path: string[] }[] };
      assert.deepEqual([errors[0]?.in, errors[0]?.path[0]], ["body", place]);
    });
  }

  test("client.ts uses it from the command line", { timeout }, async (context) => {
    const run = async (...args: string[]): Promise<[code: unknown, output: string]> => {
      const client = new Program(context, [join(import.meta.dirname, "client.ts"), "--url", url, ...args]);
      return [await client.ended, client.output];
    };
    assert.deepEqual(await run("list"), [0, "Nothing to do.\n"]);
    assert.deepEqual(await run("add", "write a test", "--due", "2026-12-24"), [
      0,
      "1 [ ] write a test, by 2026-12-24\n",
    ]);
    assert.deepEqual(await run("done", "1"), [0, "1 [x] write a test, by 2026-12-24\n"]);
    assert.deepEqual(await run("remove", "1"), [0, "1 is removed.\n"]);
    assert.deepEqual(await run("remove", "1"), [0, "There is no todo 1.\n"]);
    assert.match((await run("add", ""))[1], /Too small/);
    assert.match((await run("done", "x"))[1], /^Usage/);
    const [code, output] = await run("list", "--url", "http://127.0.0.1:1");
    assert.equal(code, 1);
    assert.match(output, /^fetch failed: .+\n$/);
  });
});

describe("the todo API in Chromium", { skip: noChromium }, () => {
  test("the documentation shows the routes, and tries one out", { timeout }, async () => {
    await using browser: Browser = await startChromium();
    const page = await browser.newPage();
    await page.goto(url);
    assert.equal(page.url(), `${url}/docs`);
    const operation = page.locator(".opblock", { hasText: "Add a todo" });
    await operation.locator(".opblock-summary-control").click();
    await operation.getByRole("button", { name: "Try it out" }).click();
    await operation.locator("textarea").fill('{ "title": "from the page" }');
    await operation.getByRole("button", { name: "Execute" }).click();
    await operation.locator(".live-responses-table").getByText("201", { exact: true }).first().waitFor();
    const todos = (await (await fetch(`${url}/todos`)).json()) as { title: string }[];
    assert.deepEqual(
      todos.map(({ title }) => title),
      ["from the page"],
    );
  });
});
