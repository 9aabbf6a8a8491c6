// Flask's tagged JSON: JSON for values that JSON does not have. A value of another type is an object with one key, its tag:
//
//   {" t":[1,2]}   tuple: a frozen array        {" b":"AAE="}   bytes        {" d":"Tue, 14 Nov 2023 22:13:20 GMT"}   date
//   {" u":"1234…"} UUID                         {" m":"<b>"}    HTML         {" di":{" t__":1}}   an object that looks tagged
//
// The text is that of Python, to the byte: keys sorted by code points, no blanks, only ASCII. Whole numbers beyond 2 ** 53,
// which Python has without limit, are bigints here: rounded, they would be the id of another user.

import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { isHtml, raw } from "../html/html.ts";
import { Uuid } from "./uuid.ts";

const action = "store a value in a session";
const rule =
  "it must be text, a finite number, a bigint, a boolean, null, a plain object, an array, bytes, a valid Date, html or a Uuid";
/** The deepest nesting. Python's is about as deep, and stores fail beyond it. */
const deepest = 100;
const tags: ReadonlySet<string> = new Set([" di", " t", " b", " m", " u", " d"]);

/**
 * @internal Writes a value as tagged JSON. Properties that are `undefined` are left out, as by `JSON.stringify`.
 *
 * @throws {TypeError} If there is no text for a value in it, or it is nested too deep, as a circular one is.
 */
export function encodeTagged(value: unknown): string {
  return encode(value, 0);
}

function encode(value: unknown, depth: number): string {
  if (depth > deepest) throw wrongType(action, `it must not be nested more than ${deepest} deep`, value, showKind);
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === "object") return encodeObject(value, depth);
  throw wrongType(action, rule, value, showKind);
}

function encodeObject(value: object, depth: number): string {
  if (Array.isArray(value)) return encodeArray(value, depth);
  if (value instanceof Uint8Array) return tagged(" b", Buffer.from(value).toString("base64"));
  if (value instanceof Date && !Number.isNaN(value.getTime())) return tagged(" d", value.toUTCString());
  if (value instanceof Uuid) return tagged(" u", value.hex);
  if (isHtml(value)) return tagged(" m", String(value));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw wrongType(action, rule, value, showKind);
  return encodeRecord(value as Record<string, unknown>, depth);
}

// Python's tuples cannot be changed: a frozen array is one.
function encodeArray(array: readonly unknown[], depth: number): string {
  const items = `[${Array.from(array, (item) => encode(item ?? null, depth + 1)).join(",")}]`;
  return Object.isFrozen(array) ? `{" t":${items}}` : items;
}

function encodeRecord(record: Record<string, unknown>, depth: number): string {
  const keys = Object.keys(record).filter((key) => record[key] !== undefined);
  const [only = ""] = keys;
  if (keys.length === 1 && tags.has(only)) return `{" di":{${quote(`${only}__`)}:${encode(record[only], depth + 1)}}}`;
  const pairs = keys.toSorted(byCodePoint).map((key) => `${quote(key)}:${encode(record[key], depth + 1)}`);
  return `{${pairs.join(",")}}`;
}

function tagged(tag: string, text: string): string {
  return `{"${tag}":${quote(text)}}`;
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\uffff]/g, escape);
}

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

// By UTF-16 units, those of characters beyond U+FFFF would come before U+E000.
function byCodePoint(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let i = 0; i < length; i++) {
    const [a, b] = [one.charCodeAt(i), other.charCodeAt(i)];
    if (a !== b) return rank(a) - rank(b);
  }
  return one.length - other.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/**
 * @internal Reads tagged JSON. Keys such as `__proto__` stay data.
 *
 * @throws {SyntaxError} If it is not JSON.
 * @throws {TypeError} If a tag has a value that it cannot have.
 */
export function decodeTagged(text: string): unknown {
  return JSON.parse(text, revive);
}

// Inner values first, as Python has it.
function revive(_key: string, value: unknown, { source = "" }: { source?: string } = {}): unknown {
  if (typeof value === "number") return isBig(value, source) ? BigInt(source) : value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  const [tag = ""] = keys;
  return keys.length === 1 && tags.has(tag) ? untag(tag, (value as Record<string, unknown>)[tag]) : value;
}

// As many digits as Python reads: more would take quadratic time.
function isBig(value: number, source: string): boolean {
  return !Number.isSafeInteger(value) && source.length <= 4_300 && /^-?\d+$/.test(source);
}

function untag(tag: string, value: unknown): unknown {
  if (tag === " t" && Array.isArray(value)) return Object.freeze(value);
  if (tag === " di" && typeof value === "object" && value !== null) return untagRecord(value);
  if (typeof value === "string") {
    if (tag === " b") return new Uint8Array(Buffer.from(value, "base64"));
    if (tag === " m") return raw(value);
    if (tag === " u") return new Uuid(value);
    if (tag === " d") return toDate(value);
  }
  throw wrongType("read a session", `'${tag}' must tag a value of its type`, value, showKind);
}

function untagRecord(value: object): unknown {
  const entries = Object.entries(value).map(([key, inner]) => [key.replace(/__$/, ""), inner] as const);
  return Object.fromEntries(entries);
}

function toDate(text: string): Date {
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw wrongType("read a session", "a date must be one of HTTP", text);
}
