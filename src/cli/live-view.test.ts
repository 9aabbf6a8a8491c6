import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pottle, Program } from "../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..");
const name = "pottle";

/** Runs `pottle run` with an application that waits, and waits until it serves. */
async function serveSlow(context: TestContext, env: Readonly<Record<string, string>> = {}): Promise<[Program, string]> {
  mkdirSync(join(repository, ".pottle"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".pottle", "view-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "app.ts");
  const code = `
import { Pottle } from "${name}";
import { Lock, sleep } from "${name}/asyncio";
const app = new Pottle(import.meta);
const lock = new Lock({ name: "printer" });
app.get("/print/<int:page>", () => lock.with(async () => { console.log("printing"); await sleep(60_000); return ""; }));
export default app;`;
  writeFileSync(file, code);
  const program = new Program(context, [pottle, "run", file, "--port", "0"], { env });
  const [url] = await program.printed(/http:\/\/[\d.:]+/);
  return [program, url];
}

test("pottle run shows the requests of an application at /_pottle, and why one was cancelled", async (context) => {
  const [program, url] = await serveSlow(context);
  const leaving = new AbortController();
  const first = assert.rejects(fetch(`${url}/print/1`, { signal: leaving.signal }));
  await program.printed(/printing/);
  const staying = new AbortController();
  const second = assert.rejects(fetch(`${url}/print/2`, { signal: staying.signal }));
  let tree = "";
  while (!tree.includes("/print/2")) tree = await (await fetch(`${url}/_pottle/tree.txt`)).text();
  assert.match(
    tree,
    /GET \/print\/2 \(\d+\) \[[\w ]+ left\]: Lock printer, [\d.]+ m?s, held by GET \/print\/1 \(\d+\)/,
  );
  leaving.abort();
  await first;
  await program.printed(/GET \/print\/1 - .* cancelled/);
  const after = await (await fetch(`${url}/_pottle/tree.txt`)).text();
  assert.match(
    after,
    /Last cancellations\n.* GET \/print\/1 \(\d+\): ClientDisconnected: Client 127\.0\.0\.1:\d+ disconnected after/,
  );
  staying.abort();
  await second;
});

test("pottle run ends at once although somebody has the live view open", async (context) => {
  const [program, url] = await serveSlow(context);
  const events = await fetch(`${url}/_pottle/events`);
  const reader = events.body!.getReader();
  await reader.read();
  const start = performance.now();
  program.signal("SIGTERM");
  assert.equal(await program.ended, 0);
  assert.ok(performance.now() - start < 3_000, `${performance.now() - start} ms`);
  await reader.cancel();
});

test("pottle run refuses the live view in production", async (context) => {
  const [, url] = await serveSlow(context, { NODE_ENV: "production" });
  const response = await fetch(`${url}/_pottle`);
  assert.equal(response.status, 403);
  assert.match(await response.text(), /in development only/);
});
