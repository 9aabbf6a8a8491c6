// The functions that every template knows.

import { Namespace } from "./_frame.ts";
import { TemplateFault } from "../jinja-syntax/template-errors.ts";
import { isDict } from "./dict.ts";

const mostNumbers = 1_000_000;

function range(...bounds: readonly unknown[]): number[] {
  const numbers = bounds.map(Number);
  const [start, stop, step = 1] = numbers.length === 1 ? [0, numbers[0]!] : (numbers as [number, number, number?]);
  if (!numbers.every(Number.isInteger) || step === 0 || numbers.length === 0) {
    throw new TemplateFault("range() needs whole numbers, and a step other than 0");
  }
  const count = Math.max(Math.ceil((stop - start) / step), 0);
  if (count > mostNumbers) throw new TemplateFault(`range() gives at most ${mostNumbers} numbers, not ${count}`);
  return Array.from({ length: count }, (_, i) => start + i * step);
}

function makeDict(...parts: readonly unknown[]): object {
  const pairs = parts.flatMap((part) =>
    Array.isArray(part) ? (part as [string, unknown][]) : Object.entries(Object(part) as object),
  );
  return Object.fromEntries(pairs);
}

function makeNamespace(...parts: readonly unknown[]): Namespace {
  return new Namespace(Object.fromEntries(parts.filter(isDict).flatMap(Object.entries)));
}

class Cycler {
  readonly #items: readonly unknown[];
  #at = 0;

  constructor(items: readonly unknown[]) {
    if (items.length === 0) throw new TemplateFault("cycler() needs items");
    this.#items = items;
  }

  get current(): unknown {
    return this.#items[this.#at];
  }

  next(): unknown {
    const { current } = this;
    this.#at = (this.#at + 1) % this.#items.length;
    return current;
  }

  reset(): void {
    this.#at = 0;
  }
}

function joiner(separator: unknown = ", "): () => unknown {
  let isFirst = true;
  return () => {
    if (!isFirst) return separator;
    isFirst = false;
    return "";
  };
}

/** The functions, by name. */
export const templateGlobals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["range", range],
  ["dict", makeDict],
  ["namespace", makeNamespace],
  ["cycler", (...items: readonly unknown[]) => new Cycler(items)],
  ["joiner", joiner],
]);
