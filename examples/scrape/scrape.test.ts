import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Program } from "../_program.ts";

const file = join(import.meta.dirname, "main.ts");

test("scrape prints the title of each page, or that it has none, or what went wrong", async (context) => {
  let most = 0;
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const html = request.url === "/untitled" ? "<p>…" : `<title>Page ${request.url}</title>`;
    waiting.push(() => void response.end(html));
    most = Math.max(most, waiting.length);
    // None is answered before all have been asked for: one after the other would wait for ever.
    if (waiting.length === 3) for (const answer of waiting) answer();
  }).listen(0, "127.0.0.1");
  context.after(() => void server.close());
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const program = new Program(context, [file, `${base}/a`, `${base}/untitled`, `${base}/b`, "no-url"]);
  assert.equal(await program.ended, 0, program.output);
  assert.deepEqual(program.output.trimEnd().split("\n").toSorted(), [
    `Title of ${base}/a: Page /a`,
    `Title of ${base}/b: Page /b`,
    `Title of ${base}/untitled: No title found`,
    `Title of no-url: Cannot GET as an absolute URL, or a session with a 'baseUrl', is needed: current value is "no-url"`,
  ]);
  assert.equal(most, 3);
});

test("scrape says so when no page can be reached, and reads the bundled ones", async (context) => {
  const program = new Program(context, [file, "http://127.0.0.1:1/", "http://no-such-host.invalid/"]);
  assert.equal(await program.ended, 0, program.output);
  const [failed, bundled] = program.output.split(/\nNone of these can be reached\. .*\n\n/);
  assert.match(failed ?? "", /Title of http:\/\/127\.0\.0\.1:1\/: Cannot GET .* connect ECONNREFUSED/);
  const lines = (bundled ?? "")
    .trimEnd()
    .replace(/http:\/\/[\d.:]+/g, "")
    .split("\n");
  assert.deepEqual(lines.toSorted(), [
    "Title of /bakery: The Bread & Butter Bakery",
    "Title of /harbour: Harbour news, daily",
    "Title of /museum: Museum of Small Things",
    "Title of /notes: No title found",
  ]);
});
