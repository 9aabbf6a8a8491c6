import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { isHeaders, isResponse } from "./fetch-classes.ts";

test("isResponse() and isHeaders() know the classes of fetch, and what only looks like them", () => {
  class Own extends Response {}
  const fake = { [Symbol.toStringTag]: "Response" };
  assert.deepEqual([new Response(), new Own(), fake, {}, "", undefined].map(isResponse), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  assert.deepEqual([new Headers(), new Response(), [], null].map(isHeaders), [true, false, false, false]);
});

test("isResponse() does not load fetch", () => {
  const file = new URL("./fetch-classes.ts", import.meta.url).href;
  const script = `
    const { isResponse } = await import(${JSON.stringify(file)});
    const isLoaded = () => process.moduleLoadList.includes("NativeModule internal/deps/undici/undici");
    const before = [isResponse({}), isResponse("text"), isLoaded()];
    console.log(JSON.stringify([...before, typeof Response, isLoaded()]));
  `;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.deepEqual(JSON.parse(stdout), [false, false, false, "function", true]);
});
