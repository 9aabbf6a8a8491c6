import assert from "node:assert/strict";
import { test } from "node:test";
import { loadOptionalPeer, MissingPackageError } from "./optional-peer.ts";

const absent = "no-such-package-of-pottle";

test("loadOptionalPeer() gives the package", async () => {
  const { join } = await loadOptionalPeer("path", "join paths", () => import("node:path"));
  assert.equal(join("a", "b"), "a/b");
});

test("loadOptionalPeer() names the package that is missing, and the line that installs it", async () => {
  await assert.rejects(
    loadOptionalPeer(absent, "use it", () => import(absent)),
    (error: unknown) => {
      assert.ok(error instanceof MissingPackageError);
      assert.equal(error.packageName, absent);
      assert.equal(
        error.message,
        `Cannot use it as the package "${absent}" is not installed: run \`npm install ${absent}\``,
      );
      assert.ok(error.cause instanceof Error);
      return true;
    },
  );
});

test("loadOptionalPeer() throws other errors as they are, also a package's own missing one", async () => {
  const broken = new SyntaxError("no code");
  await assert.rejects(
    loadOptionalPeer("some", "use it", () => Promise.reject(broken)),
    (error) => error === broken,
  );
  await assert.rejects(
    loadOptionalPeer("some", "use it", () => import(absent)),
    { code: "ERR_MODULE_NOT_FOUND" },
  );
});
