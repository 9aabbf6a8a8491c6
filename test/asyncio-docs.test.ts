// docs/asyncio.md pins the signatures of pottle/asyncio, and says which of CPython's tests have no answer here.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EventLoop } from "../src/asyncio/run/event-loop.ts";
import * as asyncio from "../src/asyncio/index.ts";
import { answeredNames, conformanceNames, shortName } from "../tools/_conformance.ts";
import { namesIn } from "../tools/exports.ts";
import { root } from "../tools/_repository.ts";

const page = readFileSync(join(root, "docs/asyncio.md"), "utf8");
const [tables = "", unanswered = ""] = page.split("## Tests of CPython without a counterpart");

/** A signature as the page shows it: `new Queue<T>(maxsize, options)`, `put(item)`. */
interface Signature {
  readonly shown: string;
  /** The class that the row is about, or nothing. */
  readonly owner: string | undefined;
  readonly name: string;
  readonly parameters: readonly string[];
}

function signatures(): Signature[] {
  return tables
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .flatMap((row) => signaturesOf(row.split(/(?<!\\)\|/)[2] ?? ""));
}

// In a cell, what follows a class and does not say what it returns belongs to the class.
function signaturesOf(cell: string): Signature[] {
  let owner: string | undefined;
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, shown = ""]) => {
    const [, name = "", parameters, result] = /^(?:new )?(\w+)(?:<[^(]*>)?(?:\((.*?)\))?(: .*)?$/.exec(shown) ?? [];
    if (isClass(valueOf(name))) owner = name;
    if (parameters === undefined) return [];
    const isMember = name !== owner && result === undefined;
    return [{ shown, owner: isMember ? owner : undefined, name, parameters: split(parameters).map(bareName) }];
  });
}

// Of the event loop only the type is exported.
const values: Record<string, unknown> = { ...asyncio, EventLoop };

function valueOf(name: string): unknown {
  return values[name];
}

/** A function or class, which shows its source as text. */
type Source = (...args: never[]) => unknown;

function isSource(value: unknown): value is Source {
  return typeof value === "function";
}

function isClass(value: unknown): value is Source & { readonly prototype: Record<string, unknown> } {
  return isSource(value) && value.toString().startsWith("class");
}

// The parameters in the source of a function, or of a class's constructor; its own or inherited.
function parametersOf(value: Source): string[] {
  const source = isClass(value) ? constructorOf(value) : value.toString();
  const start = source.indexOf("(");
  let depth = 0;
  for (let end = start; end < source.length; end++) {
    if ("([{".includes(source[end]!)) depth++;
    if (")]}".includes(source[end]!) && --depth === 0) return split(source.slice(start + 1, end)).map(bareName);
  }
  return [];
}

function constructorOf(value: Source): string {
  const own = /\n\s*constructor\s*\([\s\S]*/.exec(value.toString())?.[0];
  if (own !== undefined) return own;
  const parent = Object.getPrototypeOf(value) as Source;
  return isClass(parent) ? constructorOf(parent) : "()";
}

function split(parameters: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let end = 0; end <= parameters.length; end++) {
    const char = parameters[end] ?? ",";
    if ("([{".includes(char)) depth++;
    if (")]}".includes(char)) depth--;
    if (char !== "," || depth > 0) continue;
    if (parameters.slice(start, end).trim() !== "") parts.push(parameters.slice(start, end).trim());
    start = end + 1;
  }
  return parts;
}

// `...` in the source may stand for one argument that may be left out.
function agree(real: readonly string[], shown: readonly string[]): boolean {
  return real.length === shown.length && real.every((name, index) => name === "..." || name === shown[index]);
}

// What several arguments are called in an implementation is no matter.
function bareName(parameter: string): string {
  return parameter.startsWith("...") ? "..." : (/^_?(\w+)/.exec(parameter)?.[1] ?? parameter);
}

test("docs/asyncio.md has every name that pottle/asyncio exports", () => {
  const names = namesIn(join(root, "src/asyncio/index.ts")).map((name) => name.replace("type ", ""));
  const codes = [...tables.matchAll(/`([^`]+)`/g)].map(([, code]) => code!).join(" ");
  const missing = names.filter((name) => !new RegExp(`(?<![\\w.])${name}(?!\\w)`).test(codes));
  assert.deepEqual(missing, []);
});

test("docs/asyncio.md gives each function the parameters that it has", () => {
  const wrong: string[] = [];
  for (const { shown, owner, name, parameters } of signatures()) {
    const holder = valueOf(owner ?? "");
    const value = isClass(holder) ? holder.prototype[name] : valueOf(name);
    if (!isSource(value)) wrong.push(`${shown}: there is no ${name} in ${owner ?? "pottle/asyncio"}`);
    // A class may have further parameters, which are its own affair.
    else {
      const real = parametersOf(value);
      const compared = isClass(value) ? real.slice(0, parameters.length) : real;
      if (!agree(compared, parameters)) wrong.push(`${shown}: has (${real.join(", ")})`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(signatures().length > 80);
});

test("docs/asyncio.md shows every function and class of pottle/asyncio with its parameters", () => {
  const shown = new Set(signatures().map(({ name }) => name));
  const plain = new Set([
    "Task",
    "Awaitable",
    "Context",
    "Park",
    "Scope",
    "TaskGroup",
    "AsCompleted",
    "ExceptionGroup",
  ]);
  const missing = Object.entries(asyncio).filter(([name, value]) => {
    const isError = isClass(value) && (value.prototype as object) instanceof Error;
    return typeof value === "function" && !isError && !plain.has(name) && !shown.has(name);
  });
  assert.deepEqual(
    missing.map(([name]) => name),
    [],
  );
});

test("docs/asyncio.md gives a reason for every test of CPython's that no test of ours answers", () => {
  const answered = answeredNames();
  const reasons = new Set([...unanswered.matchAll(/`(\w+::test_\w+)`/g)].map(([, name]) => name));
  const names = conformanceNames();
  const open = names.filter((name) => !reasons.has(name));
  const needed = Map.groupBy(open, shortName);
  const missing = [...needed].filter(([name, all]) => (answered.get(name) ?? 0) < all.length).map(([name]) => name);
  assert.deepEqual(missing, []);
  assert.deepEqual(
    [...reasons].filter((name) => !names.includes(name!)),
    [],
  );
});
