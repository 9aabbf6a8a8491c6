// The values of a template, treated as Python treats them: what is true, what is equal, how it looks as text, what can be
// iterated. The values come from JavaScript: `null` is None, `undefined` is Jinja's undefined, an object is a dict.

import { type Html, isHtml, raw } from "../html/html.ts";
import { isDict } from "./dict.ts";
import { LazyMapping } from "./lazy-mapping.ts";
import { TemplateFault } from "../jinja-syntax/template-errors.ts";

/** Whether a value counts as true: empty texts, lists and dicts do not. */
export function isTrue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  if (isHtml(value)) return value.toString() !== "";
  return !isDict(value) || Object.keys(value).length > 0;
}

/** Whether two values are equal, with what they contain. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const [a, b] = [plain(left), plain(right)];
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return a === b || (isNumber(a) && isNumber(b) && compare(a, b) === 0);
  }
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (!isDict(a) || !isDict(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

/** HTML as its text, a boolean as its number, as Python compares them. */
function plain(value: unknown): unknown {
  if (isHtml(value)) return value.toString();
  return typeof value === "boolean" ? Number(value) : value;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/**
 * Compares two values: below zero if the first is smaller.
 *
 * @throws {TemplateFault} If they have no order.
 */
export function compare(left: unknown, right: unknown): number {
  const [a, b] = [orderable(left), orderable(right)];
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  throw new TemplateFault(`${kindOf(left)} and ${kindOf(right)} have no order`);
}

function orderable(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : plain(value);
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (!isEqual(a[i], b[i])) return compare(a[i], b[i]);
  }
  return a.length - b.length;
}

/** The text of a value, as it stands in the output. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "function") return `<function ${value.name}>`;
  if (isHtml(value)) return value.toString();
  if (typeof value !== "object") return (value as number).toString();
  return value instanceof Date ? value.toISOString() : describe(value, 0);
}

function describe(value: object, depth: number): string {
  if (depth > 50) return "...";
  const nested = (item: unknown): string => represent(item, depth + 1);
  if (Array.isArray(value)) return `[${value.map(nested).join(", ")}]`;
  if (value instanceof Set) return `{${Array.from(value, nested).join(", ")}}`;
  if (value instanceof Map) return describePairs([...value], nested);
  return isDict(value) ? describePairs(Object.entries(value), nested) : textOf(value);
}

function textOf(value: object): string {
  const { toString } = value as { toString?: unknown };
  if (typeof toString === "function" && toString !== Object.prototype.toString)
    return (toString as () => string).call(value);
  return `<${kindOf(value)}>`;
}

function describePairs(pairs: readonly (readonly [unknown, unknown])[], nested: (item: unknown) => string): string {
  return `{${pairs.map(([key, item]) => `${nested(key)}: ${nested(item)}`).join(", ")}}`;
}

/** The text of a value within a list or a dict. */
function represent(value: unknown, depth: number): string {
  if (value === undefined) return "Undefined";
  if (typeof value === "string") return quote(value);
  if (isHtml(value)) return `Markup(${quote(value.toString())})`;
  return typeof value === "object" && value !== null ? describe(value, depth) : toText(value);
}

function quote(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

/** What a value is, for errors. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "an undefined value";
  if (value === null) return "None";
  if (typeof value === "string" || isHtml(value)) return "text";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "a list";
  return isDict(value) ? "a dict" : `a ${(value.constructor as { name?: string } | undefined)?.name ?? "object"}`;
}

/**
 * What a loop over a value iterates: the characters of a text, the keys of a dict.
 *
 * @throws {TemplateFault} If it cannot be iterated.
 */
export function iterate(value: unknown): Iterable<unknown> {
  if (value === undefined) return [];
  if (typeof value === "string") return value;
  if (isHtml(value)) return value.toString();
  if (value instanceof Map) return value.keys();
  if (typeof value === "object" && value !== null) {
    if (Symbol.iterator in value) return value as Iterable<unknown>;
    if (isDict(value)) return Object.keys(value);
  }
  throw new TemplateFault(`${kindOf(value)} cannot be iterated`);
}

/** A list of what {@link iterate} iterates. */
export function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [...iterate(value)];
}

/** Whether `container` contains `item`: a part of a text, an item of a list, a key of a dict. */
export function contains(container: unknown, item: unknown): boolean {
  if (typeof container === "string" || isHtml(container)) return container.toString().includes(toText(item));
  if (container instanceof Map || container instanceof Set) return container.has(item);
  if (container instanceof LazyMapping) return container.find(toText(item)) !== undefined;
  if (isDict(container)) return Object.hasOwn(container, toText(item));
  for (const other of iterate(container)) if (isEqual(other, item)) return true;
  return false;
}

/** The characters of a text: Python counts code points. */
export function charactersOf(text: string): string[] {
  return Array.from(text);
}

/** How many items a value has; `undefined` if it does not say. */
export function lengthOf(value: unknown): number | undefined {
  if (typeof value === "string") return charactersOf(value).length;
  if (value === undefined) return 0;
  if (isHtml(value)) return charactersOf(value.toString()).length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map || value instanceof Set) return value.size;
  return isDict(value) ? Object.keys(value).length : undefined;
}

const special = /[&<>"']/g;
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

/** Escapes text, as MarkupSafe does. */
export function escapeText(text: string): string {
  return text.replace(special, (character) => entities[character] as string);
}

/** A value as HTML: escaped, unless it is HTML already. */
export function toHtml(value: unknown): Html {
  return isHtml(value) ? value : raw(escapeText(toText(value)));
}
