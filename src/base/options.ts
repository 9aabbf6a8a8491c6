// Checks of options and arguments, whose messages have one form by construction.

import { outOfRange, wrongType } from "./refusal.ts";

export { show } from "./show.ts";

/** @internal What a number may be. Without any of it, every number but NaN is fine. */
export interface NumberRange {
  /** The smallest. @default none */
  readonly from?: number;
  /** What it must be above, in place of `from`. @default none */
  readonly above?: number;
  /** The largest. @default none */
  readonly to?: number;
  /** What a whole number counts: `bytes`. @default nothing is said */
  readonly unit?: string;
  /** Whether a whole number may be `Infinity` as well. @default false */
  readonly orInfinity?: boolean;
}

/**
 * @internal Begins the check of one option. Each check returns the value, or throws: a `TypeError` for what is not of the
 * right kind, a `RangeError` for what is, but not one of the values that are possible.
 *
 * @param action - What cannot be done with a bad value: `serve`.
 * @param name - The option as its user knows it: `port`.
 * `option("serve", "port", 70_000).count({ from: 0, to: 65_535 })` throws "RangeError: Cannot serve as 'port' must be a
 * whole number from 0 to 65535: current value is 70000".
 */
export function option<T>(action: string, name: string, value: T): Option<T> {
  return new Option(action, name, value);
}

/** @internal One option that is being checked. */
export class Option<T> {
  readonly #action: string;
  readonly #name: string;
  readonly #value: T;

  constructor(action: string, name: string, value: T) {
    this.#action = action;
    this.#name = name;
    this.#value = value;
  }

  /** Wants a whole number within `range`. */
  count(range: NumberRange): number {
    const value: unknown = this.#value;
    const isWhole = Number.isSafeInteger(value) || (range.orInfinity === true && value === Infinity);
    if (isWhole && isWithin(value, range)) return value;
    throw this.#refusal(
      `a whole number${range.unit === undefined ? "" : ` of ${range.unit}`}${describe(range)}`,
      "number",
    );
  }

  /** Wants a time in milliseconds within `range`. */
  milliseconds(range: NumberRange = {}): number {
    const value: unknown = this.#value;
    if (isWithin(value, range)) return value;
    throw this.#refusal(`a number of milliseconds${describe(range)}`, "number");
  }

  /** Wants a number within `range`. */
  number(range: NumberRange = {}): number {
    const value: unknown = this.#value;
    if (isWithin(value, range)) return value;
    throw this.#refusal(`a number${describe(range)}`, "number");
  }

  /** Wants a function. */
  function(): T {
    if (typeof this.#value === "function") return this.#value;
    throw this.#refusal("a function", "function");
  }

  /** Wants `true` or `false`. */
  boolean(): T {
    if (typeof this.#value === "boolean") return this.#value;
    throw this.#refusal("true or false", "boolean");
  }

  /** Wants one of `values`. */
  oneOf(values: readonly T[]): T {
    if (values.includes(this.#value)) return this.#value;
    throw this.#refusal(`one of ${values.join(", ")}`, typeof values[0]);
  }

  #refusal(rule: string, kind: string): RangeError | TypeError {
    const refuse = typeof this.#value === kind ? outOfRange : wrongType;
    return refuse(this.#action, `'${this.#name}' must be ${rule}`, this.#value);
  }
}

function isWithin(value: unknown, { from = -Infinity, above, to = Infinity }: NumberRange): value is number {
  return typeof value === "number" && value >= from && value <= to && (above === undefined || value > above);
}

function describe({ from, above, to, orInfinity = false }: NumberRange): string {
  const infinity = orInfinity ? ", or Infinity" : "";
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}${infinity}`;
  if (above !== undefined) return ` > ${above}${to === undefined ? "" : ` and <= ${to}`}${infinity}`;
  if (from !== undefined) return ` >= ${from}${infinity}`;
  return `${to === undefined ? "" : ` <= ${to}`}${infinity}`;
}

/** @internal Checks a time in milliseconds: any number but NaN. Returns it. */
export function requireTime(ms: unknown, action: string): number {
  if (typeof ms === "number" && !Number.isNaN(ms)) return ms;
  const refuse = typeof ms === "number" ? outOfRange : wrongType;
  throw refuse(action, "the time must be a number of milliseconds", ms);
}

/** @internal Checks a count: a whole number not below `least`, or `Infinity` where that is allowed. Returns it. */
export function requireCount(count: unknown, least: number, action: string, allowInfinity = false): number {
  const isWhole = Number.isSafeInteger(count) || (allowInfinity && count === Infinity);
  if (isWhole && (count as number) >= least) return count as number;
  const refuse = typeof count === "number" ? outOfRange : wrongType;
  throw refuse(action, `it must be a whole number${describe({ from: least, orInfinity: allowInfinity })}`, count);
}

/** @internal Checks that `fn` is a function. */
export function requireFunction(fn: unknown, action: string): void {
  if (typeof fn === "function") return;
  throw wrongType(action, "a function is needed", fn, fn instanceof Promise ? showPromise : undefined);
}

function showPromise(): string {
  return "a promise that already runs; pass the function that makes it";
}
