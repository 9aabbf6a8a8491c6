import { inspect } from "node:util";

/** @internal Checks a time in milliseconds: any number but NaN. Returns it. */
export function requireTime(ms: unknown, action: string): number {
  if (typeof ms !== "number") {
    throw new TypeError(`Cannot ${action} as the time must be a number of milliseconds: current value is ${show(ms)}`);
  }
  if (Number.isNaN(ms))
    throw new RangeError(`Cannot ${action} as the time must be a number of milliseconds: current value is NaN`);
  return ms;
}

/** @internal Checks a count: a whole number not below `least`, or `Infinity` where that is allowed. Returns it. */
export function requireCount(count: unknown, least: number, action: string, allowInfinity = false): number {
  if (
    typeof count === "number" &&
    count >= least &&
    (Number.isSafeInteger(count) || (allowInfinity && count === Infinity))
  )
    return count;
  const range = allowInfinity ? `a whole number >= ${least}, or Infinity` : `a whole number >= ${least}`;
  const Problem = typeof count === "number" ? RangeError : TypeError;
  throw new Problem(`Cannot ${action} as it must be ${range}: current value is ${show(count)}`);
}

/** @internal A value as error messages show it. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `function ${value.name}`.trimEnd();
  if (hasOwnText(value)) return value.toString();
  return inspect(value, { depth: 1, breakLength: Infinity });
}

/** @internal Checks that `fn` is a function. */
export function requireFunction(fn: unknown, action: string): void {
  if (typeof fn === "function") return;
  const hint = fn instanceof Promise ? "a promise that already runs; pass the function that makes it" : show(fn);
  throw new TypeError(`Cannot ${action} as a function is needed: current value is ${hint}`);
}

function hasOwnText(value: unknown): value is { toString(): string } {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    typeof value.toString === "function" &&
    value.toString !== Object.prototype.toString &&
    !(value instanceof Error)
  );
}
