// The two forms of a line. Nothing from outside can end a line or give an order to a terminal: JSON escapes line breaks, and
// the characters that it leaves alone are escaped here.

import { inspect } from "node:util";
import { hostname } from "node:os";
import { toPrintable } from "../../http/index.ts";
import { describeError, stackLines } from "./describe-error.ts";
import { levelNumbers } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

/** Makes the text of a record, without a line break at its end. */
export type RecordFormat = (record: LogRecord) => string;

/** One JSON object with pino's names: level, time, pid, hostname, details, msg. */
export function formatJson({ level, time, details, message }: LogRecord): string {
  const line: Record<string, unknown> = { level: levelNumbers[level], time, pid: process.pid, hostname: hostname() };
  for (const [name, value] of Object.entries(details)) {
    if (!Object.hasOwn(line, name) && name !== "msg") define(line, name, describeError(value));
  }
  if (message !== undefined) line["msg"] = message;
  return escapeJson(toJson(line));
}

function define(line: object, name: string, value: unknown): void {
  Object.defineProperty(line, name, { value, enumerable: true });
}

/** For people: the time of day, the level, the message, the details, and the stack of an error below. */
export function formatText({ level, time, details, message }: LogRecord): string {
  const head = `${timeOfDay(time)} ${level.toUpperCase().padEnd(5)}`;
  const parts = [head];
  if (message !== undefined) parts.push(toPrintable(message));
  const stacks: string[] = [];
  for (const [name, value] of Object.entries(details)) {
    if (value instanceof Error) stacks.push(...stackLines(value));
    else if (value !== undefined) parts.push(`${toPrintable(name)}=${escapeJson(toJson(value))}`);
  }
  return [parts.join(" "), ...stacks.map((line) => `    ${toPrintable(line)}`)].join("\n");
}

function timeOfDay(time: number): string {
  const date = new Date(time);
  const two = (part: number): string => String(part).padStart(2, "0");
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}

/** The JSON of any value; a line is written whatever a value is. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, replace) ?? JSON.stringify(String(value));
  } catch {
    // A circle, or a toJSON() that throws.
    return toJsonInParts(value);
  }
}

function toJsonInParts(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(describe(value));
  const parts = Object.entries(value).map(([name, part]) => {
    let text: string;
    try {
      text = JSON.stringify(part, replace) ?? "null";
    } catch {
      text = JSON.stringify(describe(part));
    }
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${parts.join(",")}}`;
}

function describe(value: unknown): string {
  try {
    return inspect(value, { depth: 2 });
  } catch {
    return "(cannot be shown)";
  }
}

function replace(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Error ? describeError(value) : value;
}

const unsafe = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

// These can stand in JSON within texts only, where an escape means the same.
function escapeJson(json: string): string {
  return json.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
