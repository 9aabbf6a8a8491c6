// Attributes and items of values. The values of a template may come from anywhere, and a name may be one (`row[column]`):
// what lies behind `constructor`, `__proto__` and the prototypes of the language is not reached by any name, while data that
// has such a name of its own is data.

import { isThenable } from "../../base/is-thenable.ts";
import { isHtml, raw } from "../html/html.ts";
import { TemplateFunction } from "./_frame.ts";
import { htmlMethod } from "./_html-methods.ts";
import { LazyMapping } from "./lazy-mapping.ts";
import { findMethod } from "./_methods.ts";
import { isDict } from "./dict.ts";
import { charactersOf, toText } from "./_values.ts";

const hidden: ReadonlySet<unknown> = new Set([Object.prototype, Function.prototype]);

/** The attribute of a value: `user.name`. An own property goes before a method of Python's. */
export function attribute(object: unknown, name: string): unknown {
  if (object === undefined || object === null || typeof object === "function") return undefined;
  if (object instanceof LazyMapping) return name === "get" ? object.find.bind(object) : object.find(name);
  if (isHtml(object)) return htmlMethod(object.toString(), name, attribute(object.toString(), name));
  if (object instanceof Map && object.has(name)) return object.get(name);
  if (typeof object === "object" && Object.hasOwn(object, name)) return (object as Record<string, unknown>)[name];
  return findMethod(object, name) ?? inherited(object, name);
}

/** What is called by `values.items()`: data of that name, which a visitor may have sent, does not hide Python's method. */
export function methodOf(object: unknown, name: string): unknown {
  const found = attribute(object, name);
  const isData = typeof object === "object" && object !== null && found !== undefined && !isCallable(found);
  return isData ? (findMethod(object, name) ?? found) : found;
}

function isCallable(value: unknown): boolean {
  return typeof value === "function" || value instanceof TemplateFunction || isThenable(value);
}

/** The item of a value: `row["name"]`, `list[-1]`. */
export function item(object: unknown, key: unknown): unknown {
  if (object === undefined || object === null || typeof object === "function") return undefined;
  if (typeof key === "number") {
    if (typeof object === "string") return charactersOf(object).at(key);
    if (Array.isArray(object)) return Number.isInteger(key) ? (object.at(key) as unknown) : undefined;
  }
  if (object instanceof Map) return object.get(key);
  if (object instanceof LazyMapping) return object.find(toText(key));
  if (typeof key !== "string" && typeof key !== "number") return undefined;
  if (typeof object === "object" && Object.hasOwn(object, key)) return (object as Record<string, unknown>)[key];
  return typeof key === "string" && !isDict(object) ? attribute(object, key) : undefined;
}

/** A property that an object has from its class: a getter, or a method. */
function inherited(object: unknown, name: string): unknown {
  if (name === "constructor" || name.startsWith("__")) return undefined;
  for (let place: unknown = Object(object); place !== null; place = Object.getPrototypeOf(place)) {
    if (hidden.has(place)) return undefined;
    if (Object.hasOwn(place as object, name)) return (object as Record<string, unknown>)[name];
  }
  return undefined;
}

/** A part of a text or a list, with Python's rules: bounds from the end, and steps. */
export function slice(object: unknown, bounds: readonly unknown[]): unknown {
  const isText = typeof object === "string" || isHtml(object);
  const items: readonly unknown[] = isText ? charactersOf(object.toString()) : Array.isArray(object) ? object : [];
  const [from, to, step = 1] = bounds.map((bound) => (typeof bound === "number" ? Math.trunc(bound) : undefined));
  const picked = pick(items, from, to, step === 0 ? 1 : step);
  if (!isText) return picked;
  const text = picked.join("");
  return isHtml(object) ? raw(text) : text;
}

function pick(items: readonly unknown[], from: number | undefined, to: number | undefined, step: number): unknown[] {
  const count = items.length;
  const clamp = (bound: number): number => {
    const index = bound < 0 ? bound + count : bound;
    return step > 0 ? Math.min(Math.max(index, 0), count) : Math.min(Math.max(index, -1), count - 1);
  };
  const start = from === undefined ? (step > 0 ? 0 : count - 1) : clamp(from);
  const end = to === undefined ? (step > 0 ? count : -1) : clamp(to);
  const picked: unknown[] = [];
  for (let i = start; step > 0 ? i < end : i > end; i += step) picked.push(items[i]);
  return picked;
}
