import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { cpuTimeOf, cpuTimesOf } from "./cpu-time.ts";

const skip = existsSync("/proc/self/stat") ? false : "no /proc";

test("cpuTimeOf() adds up what the processes of a group have used", { skip }, () => {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
  const before = cpuTimeOf(group);
  const end = performance.now() + 300;
  while (performance.now() < end);
  const own = process.cpuUsage();
  assert.ok(cpuTimeOf(group) - before >= 0.05, "busy work was not counted");
  assert.ok(cpuTimeOf(group) >= (own.user + own.system) / 1e6 - 0.05);
  assert.ok(cpuTimesOf(group).get(String(process.pid))! >= (own.user + own.system) / 1e6 - 0.05);
  assert.equal(cpuTimeOf(2 ** 30), 0);
});
