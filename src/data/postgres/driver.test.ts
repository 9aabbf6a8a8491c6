import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

const withoutPg = `
  import { registerHooks } from "node:module";
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== "pg") return next(specifier, context);
      throw Object.assign(new Error("Cannot find package 'pg' imported from here"), { code: "ERR_MODULE_NOT_FOUND" });
    },
  });
  const { connect, createPool } = await import(${JSON.stringify(join(import.meta.dirname, "index.ts"))});
  await using pool = createPool("postgres://app@127.0.0.1:1/db");
  for (const attempt of [() => connect("postgres://app@127.0.0.1:1/db"), () => pool.query("select 1")])
    await attempt().catch((error) => console.log(error.name + ": " + error.message));
`;

test("connect() and pools without pg say how to install it; the rest of the face works without", async () => {
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", withoutPg], { timeout: 30_000 });
  const line =
    'MissingPackageError: Cannot use PostgreSQL as the package "pg" is not installed: run `npm install pg`\n';
  assert.equal(stdout, line + line);
});
