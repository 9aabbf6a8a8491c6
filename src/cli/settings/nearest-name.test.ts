import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestName } from "./nearest-name.ts";

const names = ["host", "port", "drain_timeout", "write_timeout"];

for (const [name, meant] of [
  ["prot", "port"],
  ["por", "port"],
  ["ports", "port"],
  ["drain_timout", "drain_timeout"],
  ["drian_timeuot", "drain_timeout"],
  ["test", undefined],
  ["startup", undefined],
  ["read_timeout", undefined],
  ["", undefined],
] as const) {
  test(`nearestName() finds ${meant} for '${name}'`, () => assert.equal(nearestName(name, names), meant));
}

test("nearestName() prefers the nearer of two names", () => {
  assert.equal(nearestName("timeouts", ["timeout12", "timeout"]), "timeout");
  assert.equal(nearestName("timeouts", ["timeout", "timeout12"]), "timeout");
});
