import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { serve } from "../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..");
const name = "pottle";

// What a server that answers a page has no use for: the server of Node, HTTP/2, TLS, fetch, Web Crypto, the inspector, threads, the prompt.
const needless = [
  "http",
  "http2",
  "tls",
  "internal/deps/undici/undici",
  "internal/crypto/webcrypto",
  "inspector",
  "worker_threads",
  "readline",
];

const app = `
import { Pottle } from "${name}";
const app = new Pottle(import.meta);
app.get("/", () => "hello");
app.get("/loaded", () => ({ loaded: process.moduleLoadList }));
export default app;
`;

test("pottle run loads nothing of Node that its first answer does not need", async (context) => {
  mkdirSync(join(repository, ".pottle"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".pottle", "start-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "app.ts");
  writeFileSync(file, app);
  const [, url] = await serve(context, file);
  assert.equal(await (await fetch(url)).text(), "hello");
  const { loaded } = (await (await fetch(`${url}/loaded`)).json()) as { loaded: readonly string[] };
  const names = new Set(loaded.map((entry) => entry.replace(/^NativeModule /, "")));
  assert.ok(names.has("net"));
  assert.deepEqual(
    needless.filter((each) => names.has(each)),
    [],
  );
});
