// Python's methods of texts, lists, dicts and dates, by which Flask's templates are written: `name.upper()`,
// `row.items()`, `post.created.strftime("%Y-%m-%d")`.

import { formatDate } from "./_format-date.ts";
import { formatBraces } from "./_format-text.ts";
import { type Dict, isDict } from "./dict.ts";
import { charactersOf, contains, isEqual, toList, toText } from "./_values.ts";

type Method<T> = (self: T, ...args: readonly unknown[]) => unknown;

/** The method of that name, bound to its value; `undefined` if Python has none. */
export function findMethod(value: unknown, name: string): ((...args: readonly unknown[]) => unknown) | undefined {
  const method = methodsOf(value)?.get(name);
  return method === undefined ? undefined : (...args) => method(value as never, ...args);
}

function methodsOf(value: unknown): ReadonlyMap<string, Method<never>> | undefined {
  if (typeof value === "string") return textMethods;
  if (Array.isArray(value)) return listMethods;
  if (value instanceof Map) return mapMethods;
  if (value instanceof Date) return dateMethods;
  return isDict(value) ? dictMethods : undefined;
}

function table<T>(methods: Readonly<Record<string, Method<T>>>): ReadonlyMap<string, Method<T>> {
  return new Map(Object.entries(methods));
}

/** Text, or nothing if it is neither. */
function textOr(value: unknown, fallback: string): string {
  return value === undefined || value === null ? fallback : toText(value);
}

function charactersIn(value: unknown): ReadonlySet<string> | undefined {
  return value === undefined || value === null ? undefined : new Set(toText(value));
}

/** Removes characters at the ends: blanks, if none are named. */
function strip(text: string, set: unknown, atStart: boolean, atEnd: boolean): string {
  const drops = charactersIn(set);
  const isKept = (character: string): boolean => !(drops?.has(character) ?? /\s/.test(character));
  const characters = charactersOf(text);
  const from = atStart ? characters.findIndex(isKept) : 0;
  const to = atEnd ? characters.findLastIndex(isKept) + 1 : characters.length;
  return from < 0 ? "" : characters.slice(from, to).join("");
}

function split(text: string, separator: unknown, limit: unknown): string[] {
  const most = typeof limit === "number" && limit >= 0 ? limit : Infinity;
  const isBlank = separator === undefined || separator === null;
  const words = isBlank ? text.trim().split(/\s+/) : text.split(toText(separator));
  if (isBlank && text.trim() === "") return [];
  if (words.length <= most + 1) return words;
  return isBlank
    ? splitBlanks(text.trim(), most)
    : [...words.slice(0, most), words.slice(most).join(toText(separator))];
}

function splitBlanks(text: string, most: number): string[] {
  const words: string[] = [];
  let rest = text;
  while (words.length < most) {
    const end = rest.search(/\s/);
    words.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...words, rest];
}

function splitFromEnd(text: string, separator: unknown, limit: unknown): string[] {
  if (typeof limit !== "number" || limit < 0 || separator === undefined || separator === null)
    return split(text, separator, -1);
  const words = text.split(toText(separator));
  const head = words.slice(0, Math.max(words.length - limit, 1)).join(toText(separator));
  return [head, ...words.slice(Math.max(words.length - limit, 1))];
}

function partition(text: string, separator: unknown): string[] {
  const mark = toText(separator);
  const at = text.indexOf(mark);
  return at < 0 ? [text, "", ""] : [text.slice(0, at), mark, text.slice(at + mark.length)];
}

/** Makes the first letter of each word large, and the others small. */
export function titleCase(text: string): string {
  return text.toLowerCase().replace(/\p{L}+/gu, capitalize);
}

/** Makes the first letter large, and the others small. */
export function capitalize(text: string): string {
  const [first = "", ...rest] = charactersOf(text);
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** Puts text into the middle of a line. */
export function center(text: string, width: number, fill = " "): string {
  const missing = Math.max(width - charactersOf(text).length, 0);
  const left = (missing >> 1) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

/** Replaces a part of a text, everywhere or as often as `count` says. */
export function replaceText(text: string, from: string, to: string, count?: unknown): string {
  if (typeof count !== "number" || count < 0) return text.replaceAll(from, () => to);
  const parts = text.split(from);
  return (
    parts.slice(0, count + 1).join(to) +
    parts
      .slice(count + 1)
      .map((part) => from + part)
      .join("")
  );
}

function startsWith(text: string, start: unknown, test: (part: string) => boolean): boolean {
  return Array.isArray(start) ? start.some((one) => test(toText(one))) : test(toText(start));
}

const isAll = (text: string, pattern: RegExp): boolean => pattern.test(text);

const textMethods = table<string>({
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  casefold: (text) => text.toLowerCase(),
  title: titleCase,
  capitalize,
  swapcase: (text) => Array.from(text, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join(""),
  strip: (text, set) => strip(text, set, true, true),
  lstrip: (text, set) => strip(text, set, true, false),
  rstrip: (text, set) => strip(text, set, false, true),
  split,
  rsplit: splitFromEnd,
  splitlines: (text) => (text === "" ? [] : text.replace(/(?:\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/)),
  partition,
  join: (text, items) => toList(items).map(toText).join(text),
  replace: (text, from, to, count) => replaceText(text, toText(from), toText(to), count),
  startswith: (text, start) => startsWith(text, start, (part) => text.startsWith(part)),
  endswith: (text, end) => startsWith(text, end, (part) => text.endsWith(part)),
  removeprefix: (text, start) => (text.startsWith(toText(start)) ? text.slice(toText(start).length) : text),
  removesuffix: (text, end) =>
    toText(end) !== "" && text.endsWith(toText(end)) ? text.slice(0, -toText(end).length) : text,
  find: (text, part) => text.indexOf(toText(part)),
  rfind: (text, part) => text.lastIndexOf(toText(part)),
  index: (text, part) => text.indexOf(toText(part)),
  count: (text, part) => text.split(toText(part)).length - 1,
  isdigit: (text) => isAll(text, /^\p{Nd}+$/u),
  isnumeric: (text) => isAll(text, /^\p{N}+$/u),
  isalpha: (text) => isAll(text, /^\p{L}+$/u),
  isalnum: (text) => isAll(text, /^[\p{L}\p{N}]+$/u),
  isspace: (text) => isAll(text, /^\s+$/),
  isupper: (text) => text !== text.toLowerCase() && text === text.toUpperCase(),
  islower: (text) => text !== text.toUpperCase() && text === text.toLowerCase(),
  zfill: (text, width) =>
    /^[-+]/.test(text) ? text[0]! + text.slice(1).padStart(Number(width) - 1, "0") : text.padStart(Number(width), "0"),
  center: (text, width, fill) => center(text, Number(width), textOr(fill, " ")),
  ljust: (text, width, fill) => text.padEnd(Number(width), textOr(fill, " ")),
  rjust: (text, width, fill) => text.padStart(Number(width), textOr(fill, " ")),
  format: (text, ...args) => formatBraces(text, args),
});

const listMethods = table<unknown[]>({
  append: (list, value) => void list.push(value),
  // One by one: a call takes no more than some ten thousands of arguments.
  extend: (list, values) => {
    for (const value of toList(values).slice()) list.push(value);
  },
  insert: (list, at, value) => void list.splice(Number(at), 0, value),
  pop: (list, at = -1) => list.splice(Number(at), 1)[0],
  remove: (list, value) => {
    const at = list.findIndex((one) => isEqual(one, value));
    if (at >= 0) list.splice(at, 1);
  },
  index: (list, value) => list.findIndex((one) => isEqual(one, value)),
  count: (list, value) => list.filter((one) => isEqual(one, value)).length,
  copy: (list) => [...list],
});

const dictMethods = table<Dict>({
  items: (dict) => Object.entries(dict),
  keys: (dict) => Object.keys(dict),
  values: (dict) => Object.values(dict),
  get: (dict, key, fallback = null) => (contains(dict, key) ? dict[toText(key)] : fallback),
  copy: (dict) => ({ ...dict }),
  update: (dict, other) => {
    const pairs =
      other instanceof Map ? [...(other as Map<unknown, unknown>)] : Object.entries(Object(other) as object);
    for (const [key, value] of pairs) define(dict, toText(key), value);
  },
  setdefault: (dict, key, value = null) => {
    if (!contains(dict, key)) define(dict, toText(key), value);
    return dict[toText(key)];
  },
  pop: (dict, key, fallback = null) => {
    const value = contains(dict, key) ? dict[toText(key)] : fallback;
    Reflect.deleteProperty(dict, toText(key));
    return value;
  },
});

/** Sets a key of a dict, even one that the language has a meaning for. */
function define(dict: Dict, key: string, value: unknown): void {
  Object.defineProperty(dict, key, { value, writable: true, enumerable: true, configurable: true });
}

const mapMethods = table<Map<unknown, unknown>>({
  items: (map) => [...map],
  keys: (map) => [...map.keys()],
  values: (map) => [...map.values()],
  get: (map, key, fallback = null) => (map.has(key) ? map.get(key) : fallback),
  copy: (map) => new Map(map),
});

const dateMethods = table<Date>({
  strftime: (date, format) => formatDate(date, toText(format)),
  isoformat: (date) => date.toISOString(),
  date: (date) => formatDate(date, "%Y-%m-%d"),
  time: (date) => formatDate(date, "%H:%M:%S"),
});
