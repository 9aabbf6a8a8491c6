import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { chromium, type Browser, type Page } from "playwright-core";
import { pottle, Program } from "../_program.ts";

const executablePath = "/usr/bin/chromium";
const noChromium = existsSync(executablePath) ? false : "skipped: no chromium";

const folder = mkdtempSync(join(tmpdir(), "pottle-flaskr-"));
const program = new Program({ after }, [pottle, "run", join(import.meta.dirname, "app.ts"), "--port", "0"], {
  env: { DATABASE: join(folder, "flaskr.sqlite"), SECRET_KEY: "a secret of the test" },
});
after(() => rmSync(folder, { recursive: true, force: true }));
const serving = program.printed(/http:\/\/[\w.:]+/).then(([url]) => url);

/** A client that keeps its cookie, and sends the token of a form with it. */
class Visitor {
  #cookie = "";

  async get(path: string): Promise<Response> {
    return this.#keep(await fetch((await serving) + path, { headers: { Cookie: this.#cookie }, redirect: "manual" }));
  }

  /** Fills in the form of a page, and sends it to the page itself, or to `action`. */
  async post(page: string, fields: Readonly<Record<string, string>>, action = page): Promise<Response> {
    const [, token = ""] = /name="csrf_token" value="([^"]+)"/.exec(await (await this.get(page)).text()) ?? [];
    const body = new URLSearchParams({ csrf_token: token, ...fields });
    const init: RequestInit = { method: "POST", headers: { Cookie: this.#cookie }, body, redirect: "manual" };
    return this.#keep(await fetch((await serving) + action, init));
  }

  async text(path: string): Promise<string> {
    return (await this.get(path)).text();
  }

  #keep(response: Response): Response {
    const [cookie] = response.headers.getSetCookie().map((line) => line.split(";")[0]!);
    if (cookie !== undefined) this.#cookie = cookie;
    return response;
  }
}

async function newUser(username: string, password = "a long password"): Promise<Visitor> {
  const visitor = new Visitor();
  assert.equal((await visitor.post("/auth/register", { username, password })).status, 303);
  const response = await visitor.post("/auth/login", { username, password });
  assert.equal(response.headers.get("location"), "/");
  return visitor;
}

describe("flaskr", () => {
  test("a user registers, logs in, and logs out", async () => {
    const visitor = await newUser("ann");
    const page = await visitor.text("/");
    assert.match(page, /<span>ann<\/span>/);
    assert.match(page, /Log Out/);
    assert.equal((await visitor.post("/", {}, "/auth/logout")).status, 303);
    assert.match(await visitor.text("/"), /Log In/);
  });

  const registrations: readonly (readonly [username: string, password: string, message: string])[] = [
    ["", "", "Username is required."],
    ["a", "", "Password is required."],
    ["twice", "test", "User twice is already registered."],
  ];
  for (const [username, password, message] of registrations) {
    test(`a registration as '${username}' is answered: ${message}`, async () => {
      if (username === "twice") await newUser(username);
      const response = await new Visitor().post("/auth/register", { username, password });
      assert.equal(response.status, 200);
      assert.match(await response.text(), new RegExp(`<div class="flash">${message}</div>`));
    });
  }

  test("a login with a wrong name or password says no more than that, and a message is shown once", async () => {
    await newUser("bob");
    for (const [username, password] of [
      ["bob", "wrong"],
      ["nobody", "a long password"],
      ["", ""],
    ] as const) {
      const visitor = new Visitor();
      const response = await visitor.post("/auth/login", { username, password });
      assert.match(await response.text(), /<div class="flash">Incorrect username or password\.<\/div>/);
      assert.doesNotMatch(await visitor.text("/"), /class="flash"/);
    }
  });

  test("a post is written, shown without running what is in it, changed and removed", async () => {
    const visitor = await newUser("carl <b>");
    await visitor.post("/create", { title: "<script>alert(1)</script>", body: "one\n<two>" });
    const page = await visitor.text("/");
    assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    assert.match(page, /by carl &lt;b&gt; on \d{4}-\d\d-\d\d/);
    assert.doesNotMatch(page, /<script>/);
    const [path = ""] = /\/\d+\/update/.exec(page) ?? [];
    assert.match(await visitor.text(path), /<textarea name="body" id="body">one\n&lt;two&gt;<\/textarea>/);
    await visitor.post(path, { title: "changed", body: "" });
    assert.match(await visitor.text("/"), /<h1>changed<\/h1>/);
    await visitor.post(path, {}, path.replace("update", "delete"));
    assert.doesNotMatch(await visitor.text("/"), /<h1>changed<\/h1>/);
    assert.equal((await visitor.get(path)).status, 404);
  });

  test("a post without a title is refused, and what was written is not lost", async () => {
    const visitor = await newUser("dora");
    const response = await visitor.post("/create", { title: "", body: "much work" });
    const page = await response.text();
    assert.match(page, /Title is required\./);
    assert.match(page, /much work/);
  });

  test("pages that need a login lead to it and back, and only authors change a post", async () => {
    const author = await newUser("eve");
    await author.post("/create", { title: "eve's", body: "" });
    const [path = ""] = /\/\d+\/update/.exec(await author.text("/")) ?? [];
    const stranger = new Visitor();
    const refused = await stranger.get(path);
    assert.equal(refused.status, 302);
    assert.equal(refused.headers.get("location"), `/auth/login?next=${encodeURIComponent(path)}`);
    const other = await newUser("fay");
    assert.equal((await other.get(path)).status, 403);
    assert.equal((await other.post("/create", {}, path.replace("update", "delete"))).status, 403);
    assert.doesNotMatch(await other.text("/"), new RegExp(path));
  });

  test("a form without its token is refused", async () => {
    const response = await fetch(`${await serving}/auth/register`, {
      method: "POST",
      body: new URLSearchParams({ username: "x", password: "y" }),
    });
    assert.equal(response.status, 403);
  });
});

describe("flaskr in Chromium", { skip: noChromium }, () => {
  let browser: Browser | undefined;
  after(() => browser?.close());

  async function fill(page: Page, fields: Readonly<Record<string, string>>, button: string): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
    await page.getByRole("button", { name: button }).click();
  }

  test("one registers, logs in, writes a post, changes it, removes it, and logs out", async () => {
    // Chromium's own sandbox does not work for root, as in a container.
    browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
    const page = await browser.newPage();
    await page.goto(await serving);
    await page.getByRole("link", { name: "Register" }).click();
    await fill(page, { Username: "gil", Password: "a long password" }, "Register");
    await fill(page, { Username: "gil", Password: "wrong" }, "Log In");
    await page.getByText("Incorrect username or password.").waitFor();
    await fill(page, { Username: "gil", Password: "a long password" }, "Log In");
    await page.getByRole("link", { name: "New" }).click();
    await fill(page, { Title: "Hello <b>", Body: "two\nlines" }, "Save");
    await page.getByRole("heading", { name: "Hello <b>" }).waitFor();
    await page.getByRole("link", { name: "Edit" }).click();
    await fill(page, { Title: "Changed" }, "Save");
    await page.getByRole("heading", { name: "Changed" }).waitFor();
    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "Posts" }).waitFor();
    assert.equal(await page.getByRole("heading", { name: "Changed" }).count(), 0);
    await page.getByRole("button", { name: "Log Out" }).click();
    await page.getByRole("link", { name: "Log In" }).waitFor();
  });
});
