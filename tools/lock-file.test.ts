import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./_repository.ts";

interface Locked {
  readonly resolved?: string;
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(join(root, "package-lock.json"), "utf8");
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> };

test("package-lock.json lists the packages of every platform, so that npm install has nothing to add", () => {
  const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !(`node_modules/${name}` in packages) && !(`${place}/node_modules/${name}` in packages))
      .map((name) => `${place} needs ${name}`),
  );
  assert.deepEqual(missing, []);
});

test("package-lock.json names no registry, as .npmrc has npm leave it out", () => {
  const named = Object.entries(packages).flatMap(([place, { resolved }]) => (resolved === undefined ? [] : [place]));
  assert.deepEqual(named, []);
});

// npm 11 writes the field and npm 10, which comes with Node 20 and 22, removes it. Neither adds it to a file without.
test("package-lock.json has no field that another npm would remove", () => {
  const marked = Object.entries(packages).flatMap(([place, { libc }]) => (libc === undefined ? [] : [place]));
  assert.deepEqual(marked, []);
});
