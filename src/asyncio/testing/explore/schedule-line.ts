import { show } from "../../../base/options.ts";
import type { Deviation } from "./choices.ts";

const prefix = "explore:v1:";
const usual = "usual";

/** @internal Formats a schedule as a line to copy: `explore:v1:w2.1,r0.3=2`. */
export function formatSchedule(deviations: readonly Deviation[]): string {
  const parts = deviations.map(({ key, value }) => (value === 1 ? key : `${key}=${value}`));
  return prefix + (parts.length === 0 ? usual : parts.join(","));
}

/**
 * @internal Parses a line made by {@link formatSchedule}.
 *
 * @throws {TypeError} If `line` is not a string.
 * @throws {RangeError} If `line` does not have that format.
 */
export function parseSchedule(line: unknown): Deviation[] {
  if (typeof line !== "string") throw new TypeError(`${problem}: current value is ${show(line)}`);
  if (!line.startsWith(prefix)) throw new RangeError(`${problem}: current value is ${show(line)}`);
  const rest = line.slice(prefix.length).trim();
  return rest === usual ? [] : rest.split(",").map((part) => parseDeviation(part, line));
}

const problem = `Cannot replay a schedule as the line must be one that an ExploreFailure gave, beginning with "${prefix}"`;

function parseDeviation(part: string, line: string): Deviation {
  const [, key, value = "1"] = /^([swytrcbx]\d+\.\d+)(?:=(\d+))?$/.exec(part.trim()) ?? [];
  if (key === undefined || value === "0") throw new RangeError(`${problem}: current value is ${show(line)}`);
  return { key, value: Number(value) };
}
