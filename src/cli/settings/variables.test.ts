import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../errors.ts";
import { someOptions } from "./table.fixture.ts";
import { misspelledVariables, readVariables } from "./variables.ts";

function read(env: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(readVariables(env, someOptions).map(({ name, value }) => [name, value]));
}

test("readVariables() reads an option of each kind", () => {
  const env = {
    POTTLE_PORT: "80",
    POTTLE_WORKERS: "infinity",
    POTTLE_DRAIN_TIMEOUT: "500ms",
    POTTLE_READ_TIMEOUT: "infinity",
    POTTLE_BODY_BUFFER: "1MiB",
    POTTLE_HOST: "::1",
    POTTLE_TRUSTED: "a, b",
    POTTLE_LOG: "json",
    POTTLE_RELOAD: "Yes",
  };
  assert.deepEqual(read(env), {
    port: 80,
    workers: Infinity,
    drainTimeout: 500,
    readTimeout: Infinity,
    bodyBuffer: 1_048_576,
    host: "::1",
    trusted: ["a", "b"],
    log: "json",
    reload: true,
  });
});

test("readVariables() leaves out variables that are empty, and those of others", () => {
  assert.deepEqual(read({ POTTLE_PORT: "", PORT: "80", POTTLE_COLOUR: "red" }), {});
});

for (const [text, value] of [
  ["1", true],
  ["on", true],
  ["TRUE", true],
  ["0", false],
  ["no", false],
  ["off", false],
  ["false", false],
] as const) {
  test(`readVariables() reads '${text}' as ${value} for a flag, and as true for a flag that any text switches on`, () => {
    assert.deepEqual(read({ POTTLE_RELOAD: text, POTTLE_DEBUG: text }), { reload: value, debug: true });
  });
}

test("readVariables() refuses a wrong value by the name of the variable", () => {
  for (const [env, message] of [
    [{ POTTLE_RELOAD: "maybe" }, "the value of POTTLE_RELOAD must be true or false: current value is 'maybe'"],
    [
      { POTTLE_PORT: "a\nb" },
      "the value of POTTLE_PORT must be a whole number from 0 to 65535: current value is 'a\\nb'",
    ],
    [{ POTTLE_HOST: "unix:" }, "the path is missing in POTTLE_HOST=unix:"],
  ] as const) {
    assert.throws(() => read(env), new UsageError(message));
  }
});

test("misspelledVariables() tells only what is spelled nearly like an option", () => {
  const env = {
    POTTLE_PROT: "80",
    POTTLE_DRAINTIMEOUT: "5s",
    POTTLE_CONFIGS: "a.toml",
    POTTLE_CONFIG: "a.toml",
    POTTLE_RELOADED: "7",
    POTTLE_STARTUP: "a.ts",
    POTTLE_PORT: "80",
    POTTLE_GREETING: "hello",
    PROT: "80",
  };
  assert.deepEqual(misspelledVariables(env, someOptions), [
    "the environment variable POTTLE_PROT is ignored: did you mean POTTLE_PORT?",
    "the environment variable POTTLE_DRAINTIMEOUT is ignored: did you mean POTTLE_DRAIN_TIMEOUT?",
    "the environment variable POTTLE_CONFIGS is ignored: did you mean POTTLE_CONFIG?",
  ]);
});
