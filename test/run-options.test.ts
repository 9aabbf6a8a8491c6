// The table of options of `pottle run` agrees with the options of `serve()`: names, defaults, and what each number may be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { longestTimeout } from "../src/base/platform-timer.ts";
import { kinds } from "../src/cli/settings/kinds.ts";
import type { OptionEntry } from "../src/cli/settings/option-table.ts";
import { resolveValues } from "../src/cli/settings/resolve-values.ts";
import { runOptions } from "../src/cli/settings/run-options.ts";
import { checkServeOptions, type ServeOptions } from "../src/server/serve-options.ts";

const entries = Object.entries<OptionEntry>(runOptions);

/** Options of `serve()` that are functions, which only code can give. */
const inCodeOnly: ReadonlySet<string> = new Set<keyof ServeOptions>(["onError", "onAccess"]);

const serverDefaults: Readonly<Record<string, unknown>> = { ...checkServeOptions({}) };

test("runOptions has every option of serve() that is no function, and no other for the server", () => {
  const names = entries.filter(([, entry]) => entry.for === "server").map(([name]) => name);
  assert.deepEqual(
    names.toSorted(),
    Object.keys(serverDefaults)
      .filter((name) => !inCodeOnly.has(name))
      .sort(),
  );
});

test("runOptions has the defaults of serve()", () => {
  const values: Readonly<Record<string, unknown>> = resolveValues(runOptions, []).values;
  for (const [name, { for: taker }] of entries) {
    if (taker === "server") assert.equal(values[name], serverDefaults[name], name);
  }
});

test("runOptions takes the numbers that serve() takes, and refuses those that it refuses", () => {
  const numbers = [-1, 0, 0.5, 1, 65_535, 65_536, longestTimeout, longestTimeout + 1, Infinity];
  for (const [name, entry] of entries) {
    if (entry.for !== "server" || !["time", "bytes", "count"].includes(entry.kind)) continue;
    for (const value of numbers) {
      const isTaken = kinds[entry.kind].fromToml(value, entry) !== undefined;
      // What has a bound is compared with that elsewhere.
      const options = { ...(entry.atMost !== undefined && { [entry.atMost]: Infinity }), [name]: value };
      assert.equal(isTaken, isAccepted(options), `${name} = ${value}`);
    }
  }
});

function isAccepted(options: ServeOptions): boolean {
  try {
    return checkServeOptions(options) !== undefined;
  } catch {
    return false;
  }
}
