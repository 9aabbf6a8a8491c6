import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { cpuTimeOf, cpuTimesOf } from "./cpu-time.ts";

const skip = existsSync("/proc/self/stat") ? false : "no /proc";

test("cpuTimeOf() adds up what the processes of a group have used", { skip }, () => {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
  // Others of the group may end meanwhile, and what they have used with them.
  const ownTime = (): number => cpuTimesOf(group).get(String(process.pid)) ?? 0;
  const [before, begun] = [ownTime(), process.cpuUsage()];
  const used = (): number => (process.cpuUsage(begun).user + process.cpuUsage(begun).system) / 1e6;
  while (used() < 0.2);
  assert.ok(ownTime() - before >= 0.15, "busy work was not counted");
  assert.ok(cpuTimeOf(group) >= ownTime() - 0.05);
  assert.equal(cpuTimeOf(2 ** 30), 0);
});
