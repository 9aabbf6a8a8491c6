import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../errors.ts";
import { readConfigText } from "./config-file.ts";
import { readFlags } from "./flags.ts";
import { type Resolved, resolveValues } from "./resolve-values.ts";
import { someOptions } from "./table.fixture.ts";
import { readVariables } from "./variables.ts";

interface Sources {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly toml?: string;
}

function resolve({ flags = [], env = {}, toml = "" }: Sources): Resolved<typeof someOptions> {
  return resolveValues(someOptions, [
    readFlags(flags, someOptions).settings,
    readVariables(env, someOptions),
    readConfigText(toml, "a.toml", someOptions),
  ]);
}

test("resolveValues() takes flags before variables, variables before the file, and that before defaults", () => {
  const flags = ["--port=1"];
  const env = { POTTLE_PORT: "2", POTTLE_LOG: "json" };
  const toml = 'port = 3\nlog = "text"\nworkers = 3';
  const { values, origins } = resolve({ flags, env, toml });
  assert.deepEqual([values.port, values.log, values.workers, values.drainTimeout], [1, "json", 3, 5_000]);
  assert.deepEqual([...origins].map(([name, { source }]) => `${name}: ${source}`).sort(), [
    "log: variable",
    "port: flag",
    "workers: file",
  ]);
});

test("resolveValues() has no value for an option without a default", () => {
  assert.equal("host" in resolve({}).values, false);
});

test("resolveValues() lets a flag turn off what a weaker source turns on", () => {
  const { values } = resolve({
    flags: ["--no-reload", "--no-debug"],
    env: { POTTLE_DEBUG: "1" },
    toml: "reload = true",
  });
  assert.deepEqual([values.reload, values.debug], [false, false]);
  assert.equal(resolve({}).values.debug, false);
});

test("resolveValues() lowers a default that would be above its bound, and refuses a value that is", () => {
  assert.equal(resolve({ toml: "whole_timeout = 10" }).values.readTimeout, 10);
  assert.equal(resolve({ toml: 'whole_timeout = "infinity"' }).values.readTimeout, 30_000);
  assert.throws(
    () => resolve({ env: { POTTLE_READ_TIMEOUT: "1h" } }),
    new UsageError(
      "the value of POTTLE_READ_TIMEOUT must not be above POTTLE_WHOLE_TIMEOUT, which is 5m by default: current value is '1h'",
    ),
  );
  assert.throws(
    () => resolve({ toml: "whole_timeout = 10", flags: ["--read-timeout=20"] }),
    new UsageError(
      "the value of '--read-timeout' must not be above 'whole_timeout', which is 10ms by a.toml:1: current value is '20ms'",
    ),
  );
});
