// Jinja's tests: what stands after `is`.

import { isHtml } from "../html/html.ts";
import { isDict } from "./dict.ts";
import { compare, contains, isEqual, toText } from "./_values.ts";

/** A test of a value. */
export type ValueTest = (value: unknown, ...args: readonly unknown[]) => unknown;

function isIterable(value: unknown): boolean {
  return (
    typeof value === "string" ||
    (typeof value === "object" && value !== null && (Symbol.iterator in value || isDict(value)))
  );
}

function isSequence(value: unknown): boolean {
  return typeof value === "string" || isHtml(value) || Array.isArray(value) || value instanceof Map || isDict(value);
}

const equal: ValueTest = (value, other) => isEqual(value, other);
const different: ValueTest = (value, other) => !isEqual(value, other);
const less: ValueTest = (value, other) => compare(value, other) < 0;
const lessOrEqual: ValueTest = (value, other) => compare(value, other) <= 0;
const greater: ValueTest = (value, other) => compare(value, other) > 0;
const greaterOrEqual: ValueTest = (value, other) => compare(value, other) >= 0;

/** The tests, by name. */
export const tests: ReadonlyMap<string, ValueTest> = new Map<string, ValueTest>(
  Object.entries<ValueTest>({
    defined: (value) => value !== undefined,
    undefined: (value) => value === undefined,
    none: (value) => value === null,
    boolean: (value) => typeof value === "boolean",
    true: (value) => value === true,
    false: (value) => value === false,
    integer: (value) => Number.isInteger(value) || typeof value === "bigint",
    float: (value) => typeof value === "number" && !Number.isInteger(value),
    number: (value) => ["number", "bigint", "boolean"].includes(typeof value),
    string: (value) => typeof value === "string" || isHtml(value),
    mapping: (value) => value instanceof Map || isDict(value),
    sequence: isSequence,
    iterable: (value) => value === undefined || isHtml(value) || isIterable(value),
    callable: (value) => typeof value === "function",
    sameas: (value, other) => value === other,
    escaped: (value) => isHtml(value),
    in: (value, container) => contains(container, value),
    lower: (value) => toText(value) !== toText(value).toUpperCase() && toText(value) === toText(value).toLowerCase(),
    upper: (value) => toText(value) !== toText(value).toLowerCase() && toText(value) === toText(value).toUpperCase(),
    odd: (value) => Math.abs(Number(value)) % 2 === 1,
    even: (value) => Number(value) % 2 === 0,
    divisibleby: (value, by) => Number(value) % Number(by) === 0,
    eq: equal,
    equalto: equal,
    "==": equal,
    ne: different,
    "!=": different,
    lt: less,
    lessthan: less,
    "<": less,
    le: lessOrEqual,
    "<=": lessOrEqual,
    gt: greater,
    greaterthan: greater,
    ">": greater,
    ge: greaterOrEqual,
    ">=": greaterOrEqual,
  }),
);
