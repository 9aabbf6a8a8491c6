// Jinja's filters of lists and dicts.

import { isHtml, raw } from "../html/html.ts";
import { type Builtin, define, type FilterScope } from "./_builtin.ts";
import { attribute as attributeOf, item } from "./_lookup.ts";
import { TemplateFault } from "../jinja-syntax/template-errors.ts";
import { type Dict, isDict } from "./dict.ts";
import { charactersOf, compare, isEqual, isTrue, lengthOf, toHtml, toList, toText } from "./_values.ts";

/** Follows a path such as `author.name` or `0.title`. */
function follow(value: unknown, path: unknown): unknown {
  if (path === undefined || path === null) return value;
  let found = value;
  for (const part of toText(path).split(".")) {
    found = /^\d+$/.test(part)
      ? item(found, Number(part))
      : isDict(found)
        ? item(found, part)
        : attributeOf(found, part);
  }
  return found;
}

function fold(value: unknown, caseSensitive: unknown): unknown {
  return isTrue(caseSensitive) || !(typeof value === "string" || isHtml(value)) ? value : toText(value).toLowerCase();
}

function sort(input: unknown, [descends, caseSensitive, paths]: readonly unknown[]): unknown[] {
  const all = paths === undefined || paths === null ? [undefined] : toText(paths).split(",");
  const sorted = toList(input).toSorted((a, b) => {
    for (const path of all) {
      const order = compare(fold(follow(a, path), caseSensitive), fold(follow(b, path), caseSensitive));
      if (order !== 0) return isTrue(descends) ? -order : order;
    }
    return 0;
  });
  return sorted;
}

function sortDict(input: unknown, [caseSensitive, by, descends]: readonly unknown[]): unknown[] {
  const pairs: unknown[] =
    input instanceof Map ? [...(input as Map<unknown, unknown>)] : Object.entries(Object(input) as Dict);
  return sort(pairs, [descends, caseSensitive, by === "value" ? "1" : "0"]);
}

function unique(input: unknown, [caseSensitive, path]: readonly unknown[]): unknown[] {
  const seen = new Set<unknown>();
  return toList(input).filter((one) => {
    const key = fold(follow(one, path), caseSensitive);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function extreme(sign: 1 | -1): Builtin {
  return define("case_sensitive attribute", (input, [caseSensitive, path]) => {
    let best: unknown;
    let bestKey: unknown;
    for (const [i, one] of toList(input).entries()) {
      const key = fold(follow(one, path), caseSensitive);
      if (i > 0 && sign * compare(key, bestKey) <= 0) continue;
      [best, bestKey] = [one, key];
    }
    return best;
  });
}

function group(input: unknown, [path, fallback, caseSensitive]: readonly unknown[]): unknown[] {
  const keyOf = (one: unknown): unknown => follow(one, path) ?? fallback;
  const groups: { grouper: unknown; list: unknown[] }[] = [];
  const keyed = toList(input).map((one) => ({ one, key: fold(keyOf(one), caseSensitive) }));
  let last: unknown;
  for (const { one, key } of keyed.toSorted((a, b) => compare(a.key, b.key))) {
    if (groups.length === 0 || !isEqual(key, last)) groups.push({ grouper: keyOf(one), list: [] });
    groups.at(-1)!.list.push(one);
    last = key;
  }
  return groups.map(({ grouper, list }) => Object.assign([grouper, list], { grouper, list }));
}

function batch(input: unknown, [count, fill]: readonly unknown[]): unknown[][] {
  const size = requireSize(count);
  const rows: unknown[][] = [];
  for (const [i, one] of toList(input).entries()) {
    if (i % size === 0) rows.push([]);
    rows.at(-1)!.push(one);
  }
  const last = rows.at(-1);
  if (last !== undefined && fill !== undefined && fill !== null) {
    last.push(...Array.from({ length: size - last.length }, () => fill));
  }
  return rows;
}

function slices(input: unknown, [count, fill]: readonly unknown[]): unknown[][] {
  const size = requireSize(count);
  const list = toList(input);
  const [least, more] = [Math.floor(list.length / size), list.length % size];
  return Array.from({ length: size }, (_, i) => {
    const start = i * least + Math.min(i, more);
    const part = list.slice(start, start + least + (i < more ? 1 : 0));
    return fill !== undefined && fill !== null && i >= more && more > 0 ? [...part, fill] : part;
  });
}

function requireSize(count: unknown): number {
  if (typeof count === "number" && Number.isInteger(count) && count > 0) return count;
  throw new TemplateFault("a number of at least 1 is needed");
}

function join(input: unknown, [separator, path]: readonly unknown[], autoescape: boolean): unknown {
  const mark = separator ?? "";
  const parts = toList(input).map((one) => follow(one, path));
  if (!autoescape || ![mark, ...parts].some(isHtml)) return parts.map(toText).join(toText(mark));
  return raw(parts.map((part) => toHtml(part).toString()).join(toHtml(mark).toString()));
}

function map(scope: FilterScope, input: unknown, args: readonly unknown[]): unknown {
  const { attribute: path, default: fallback } = namedOf(args);
  const list = toList(input);
  if (path !== undefined) return list.map((one) => follow(one, path) ?? fallback);
  const [name, ...rest] = args;
  if (typeof name !== "string") throw new TemplateFault("'map' needs the name of a filter, or an attribute");
  const mapped = list.map((one) => scope.applyFilter(name, one, rest));
  return mapped.some((one) => one instanceof Promise) ? Promise.all(mapped) : mapped;
}

function namedOf(args: readonly unknown[]): Dict {
  const last = args.at(-1);
  return isDict(last) ? last : {};
}

function choose(keeps: boolean, byAttribute: boolean): Builtin {
  return {
    parameters: undefined,
    run: (scope, input, args) => {
      const [path, [name, ...rest]] = byAttribute ? [args[0], args.slice(1)] : [undefined, args];
      return toList(input).filter((one) => {
        const value = follow(one, path);
        return (name === undefined ? isTrue(value) : scope.applyTest(toText(name), value, rest)) === keeps;
      });
    },
  };
}

function sum(input: unknown, [path, start]: readonly unknown[]): unknown {
  return toList(input).reduce<number>((total, one) => total + Number(follow(one, path)), Number(start ?? 0));
}

function length(input: unknown): number {
  return lengthOf(input) ?? toList(input).length;
}

function reverse(input: unknown): unknown {
  if (isHtml(input)) return raw(charactersOf(input.toString()).toReversed().join(""));
  return typeof input === "string" ? charactersOf(input).toReversed().join("") : toList(input).toReversed();
}

function fallBack(input: unknown, [fallback = "", boolean]: readonly unknown[]): unknown {
  return input === undefined || (isTrue(boolean) && !isTrue(input)) ? fallback : input;
}

function pickRandom(input: unknown): unknown {
  const list = toList(input);
  return list[Math.floor(Math.random() * list.length)];
}

/** The filters of lists and dicts, by name. */
export const listFilters: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    default: define("default_value boolean", fallBack),
    d: define("default_value boolean", fallBack),
    length: define("", length),
    count: define("", length),
    first: define("", (input) => toList(input)[0]),
    last: define("", (input) => toList(input).at(-1)),
    random: define("", pickRandom),
    list: define("", (input) => [...toList(input)]),
    items: define("", (input) =>
      input instanceof Map ? [...(input as Map<unknown, unknown>)] : Object.entries(Object(input ?? {}) as Dict),
    ),
    reverse: define("", reverse),
    sort: define("reverse case_sensitive attribute", sort),
    dictsort: define("case_sensitive by reverse", sortDict),
    unique: define("case_sensitive attribute", unique),
    min: extreme(-1),
    max: extreme(1),
    groupby: define("attribute default case_sensitive", group),
    batch: define("linecount fill_with", batch),
    slice: define("slices fill_with", slices),
    join: define("d attribute", (input, args, { autoescape }) => join(input, args, autoescape)),
    sum: define("attribute start", sum),
    attr: define("name", (input, [name]) => attributeOf(input, toText(name))),
    map: { parameters: undefined, run: map },
    select: choose(true, false),
    reject: choose(false, false),
    selectattr: choose(true, true),
    rejectattr: choose(false, true),
  }),
);
