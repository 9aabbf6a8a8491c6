// Checks of options and arguments. All their error messages have the same form.

import { outOfRange, wrongType } from "./refusal.ts";

export { show } from "./show.ts";

/** @internal The allowed range of a number. Without any limit, every number except NaN is allowed. */
export interface NumberRange {
  /** The smallest allowed value. @default none */
  readonly from?: number;
  /** An exclusive lower limit, instead of `from`. @default none */
  readonly above?: number;
  /** The largest allowed value. @default none */
  readonly to?: number;
  /** The unit of a whole number, for the message: `bytes`. @default none */
  readonly unit?: string;
  /** Whether `Infinity` is allowed besides whole numbers. @default false */
  readonly orInfinity?: boolean;
}

/**
 * @internal Begins the check of one option. Each check returns the value or throws: a `TypeError` for a value of the
 * wrong type, a `RangeError` for a value of the right type that is not allowed.
 *
 * `option("serve", "port", 70_000).count({ from: 0, to: 65_535 })` throws "RangeError: Cannot serve as 'port' must be a
 * whole number from 0 to 65535: current value is 70000".
 *
 * @param action - The action that a bad value prevents: `serve`.
 * @param name - The name of the option, as the user knows it: `port`.
 */
export function option<T>(action: string, name: string, value: T): Option<T> {
  return new Option(action, name, value);
}

/** @internal One option to check. */
export class Option<T> {
  readonly #action: string;
  readonly #name: string;
  readonly #value: T;

  constructor(action: string, name: string, value: T) {
    this.#action = action;
    this.#name = name;
    this.#value = value;
  }

  /** Requires a whole number within `range`. */
  count(range: NumberRange): number {
    const value: unknown = this.#value;
    const isWhole = Number.isSafeInteger(value) || (range.orInfinity === true && value === Infinity);
    if (isWhole && isWithin(value, range)) return value;
    throw this.#refusal(
      `a whole number${range.unit === undefined ? "" : ` of ${range.unit}`}${describe(range)}`,
      "number",
    );
  }

  /** Requires a time in milliseconds within `range`. */
  milliseconds(range: NumberRange = {}): number {
    const value: unknown = this.#value;
    if (isWithin(value, range)) return value;
    throw this.#refusal(`a number of milliseconds${describe(range)}`, "number");
  }

  /** Requires a number within `range`. */
  number(range: NumberRange = {}): number {
    const value: unknown = this.#value;
    if (isWithin(value, range)) return value;
    throw this.#refusal(`a number${describe(range)}`, "number");
  }

  /** Requires a function. */
  function(): T {
    if (typeof this.#value === "function") return this.#value;
    throw this.#refusal("a function", "function");
  }

  /** Requires `true` or `false`. */
  boolean(): T {
    if (typeof this.#value === "boolean") return this.#value;
    throw this.#refusal("true or false", "boolean");
  }

  /** Requires one of `values`. */
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

/** @internal Checks a time in milliseconds: any number except NaN. Returns the time. */
export function requireTime(ms: unknown, action: string): number {
  if (typeof ms === "number" && !Number.isNaN(ms)) return ms;
  const refuse = typeof ms === "number" ? outOfRange : wrongType;
  throw refuse(action, "the time must be a number of milliseconds", ms);
}

/** @internal Checks a count: a whole number not below `least`, or `Infinity` if that is allowed. Returns the count. */
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
