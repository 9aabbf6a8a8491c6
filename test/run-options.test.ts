// The table of options of `pottle run` agrees with the options of `serve()`: names, defaults, and what each number may be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { longestTimeout } from "../src/base/platform-timer.ts";
import { kinds } from "../src/cli/settings/kinds.ts";
import type { OptionEntry, ServerName } from "../src/cli/settings/option-table.ts";
import { resolveValues } from "../src/cli/settings/resolve-values.ts";
import { type RunOptionTable, runOptions } from "../src/cli/settings/run-options.ts";
import { checkServeOptions, type ServeOptions } from "../src/server/serve-options.ts";

const entries = Object.entries<OptionEntry>(runOptions);

/** Options of `serve()` that are functions, which only code can give. */
type InCodeOnly = "onError" | "onAccess";

/** Options of `serve()` that the command makes by itself, or of several options of its own. */
type Composed = "http2" | "tls" | "accessLog" | "errorLog";

/** The names, or "none" if there is none. */
type NamesOf<Names> = [Names] extends [never] ? "none" : Names;

// The compiler names the options that the table lacks, and those for the server that the server does not have.
const lacking: NamesOf<Exclude<keyof ServeOptions, keyof RunOptionTable | InCodeOnly | Composed>> = "none";
const beyond: NamesOf<Exclude<ServerName<RunOptionTable>, keyof ServeOptions>> = "none";

test("runOptions has the options of serve(), with their defaults", () => {
  assert.deepEqual([lacking, beyond], ["none", "none"]);
  const { values } = resolveValues(runOptions, []);
  const own = Object.entries(values).filter(([name]) => runOptions[name as keyof RunOptionTable].for === "server");
  for (const [name, value] of own) assert.deepEqual(checkServeOptions({ [name]: value }), checkServeOptions({}), name);
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
