import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { pottle, Program } from "../../_program.ts";
import { noChromium, startChromium } from "../../tour/_chromium.ts";

const folder = mkdtempSync(join(tmpdir(), "pottle-flaskr-"));
const file = join(import.meta.dirname, "..", "app.ts");
const program = new Program({ after }, [pottle, "run", file, "--port", "0"], {
  env: { DATABASE: join(folder, "flaskr.sqlite"), SECRET_KEY: "a secret of the test" },
});
after(() => rmSync(folder, { recursive: true, force: true }));
const serving = program.printed(/http:\/\/[\w.:]+/).then(([url]) => url);

test("flaskr serves its pages, and makes its database at the first start", async () => {
  const url = await serving;
  const page = await (await fetch(url)).text();
  assert.match(page, /<title>Posts - Flaskr<\/title>/);
  const [, style = ""] = /href="([^"]+\.css)"/.exec(page) ?? [];
  assert.match(await (await fetch(url + style)).text(), /font-family/);
});

test("flaskr refuses a form without its token", async () => {
  const body = new URLSearchParams({ username: "x", password: "y" });
  assert.equal((await fetch(`${await serving}/auth/register`, { method: "POST", body })).status, 403);
});

describe("flaskr in Chromium", { skip: noChromium }, () => {
  async function fill(page: Page, fields: Readonly<Record<string, string>>, button: string): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
    await page.getByRole("button", { name: button }).click();
  }

  test("one registers, logs in, writes a post, changes it, removes it, and logs out", async () => {
    await using browser: Browser = await startChromium();
    const page = await browser.newPage();
    await page.goto(await serving);
    await page.getByRole("link", { name: "Register" }).click();
    await fill(page, { Username: "gil", Password: "a long password" }, "Register");
    await fill(page, { Username: "gil", Password: "wrong" }, "Log In");
    await page.getByText("Incorrect username or password.").waitFor();
    assert.equal(await page.getByLabel("Username").inputValue(), "gil");
    await fill(page, { Password: "a long password" }, "Log In");
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
