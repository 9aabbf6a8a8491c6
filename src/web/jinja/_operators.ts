// Python's operators.

import { isHtml, raw } from "../html/html.ts";
import { formatPercent } from "./_format-text.ts";
import { TemplateFault } from "../jinja-syntax/template-errors.ts";
import { compare, contains, isEqual, kindOf, toHtml, toText } from "./_values.ts";

type Operator = (left: unknown, right: unknown) => unknown;

const operators: Readonly<Record<string, Operator>> = {
  "+": add,
  "-": onNumbers("-", (a, b) => a - b),
  "*": multiply,
  "/": onNumbers("/", (a, b) => a / nonZero(b)),
  "//": onNumbers("//", (a, b) => Math.floor(a / nonZero(b))),
  "%": remainder,
  "**": onNumbers("**", (a, b) => a ** b),
};

/**
 * Applies an operator.
 *
 * @throws {TemplateFault} If it is not one for these values.
 */
export function operate(operator: string, left: unknown, right: unknown): unknown {
  return operators[operator]!(left, right);
}

const comparisons: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  "==": isEqual,
  "!=": (left, right) => !isEqual(left, right),
  "<": (left, right) => compare(left, right) < 0,
  "<=": (left, right) => compare(left, right) <= 0,
  ">": (left, right) => compare(left, right) > 0,
  ">=": (left, right) => compare(left, right) >= 0,
  in: (left, right) => contains(right, left),
  "not in": (left, right) => !contains(right, left),
};

/** Compares two values, or looks for one in the other. */
export function compareBy(operator: string, left: unknown, right: unknown): boolean {
  return comparisons[operator]!(left, right);
}

/** Joins values as texts; if HTML is among them, the others are escaped. */
export function concat(values: readonly unknown[], autoescape: boolean): unknown {
  return autoescape && values.some(isHtml)
    ? raw(values.map((value) => toHtml(value).toString()).join(""))
    : values.map(toText).join("");
}

/** A number with a sign. */
export function applySign(sign: 1 | -1, value: unknown): number | bigint {
  if (typeof value === "bigint") return sign === 1 ? value : -value;
  return sign * requireNumber(sign === 1 ? "+" : "-", value);
}

function isText(value: unknown): boolean {
  return typeof value === "string" || isHtml(value);
}

function add(left: unknown, right: unknown): unknown {
  if (isText(left) && isText(right)) {
    return isHtml(left) || isHtml(right)
      ? raw(toHtml(left).toString() + toHtml(right).toString())
      : `${toText(left)}${toText(right)}`;
  }
  if (Array.isArray(left) && Array.isArray(right)) return [...(left as unknown[]), ...(right as unknown[])];
  if (typeof left === "bigint" && typeof right === "bigint") return left + right;
  return requireNumber("+", left) + requireNumber("+", right);
}

function multiply(left: unknown, right: unknown): unknown {
  if (isText(left) && typeof right === "number") return repeat(left, right);
  if (isText(right) && typeof left === "number") return repeat(right, left);
  if (Array.isArray(left) && typeof right === "number")
    return Array.from({ length: Math.max(right, 0) }, () => left as unknown[]).flat();
  if (typeof left === "bigint" && typeof right === "bigint") return left * right;
  return requireNumber("*", left) * requireNumber("*", right);
}

function repeat(text: unknown, count: number): unknown {
  const repeated = toText(text).repeat(Math.max(Math.trunc(count), 0));
  return isHtml(text) ? raw(repeated) : repeated;
}

function remainder(left: unknown, right: unknown): unknown {
  if (isHtml(left)) return raw(formatPercent(left.toString(), right, (value) => toHtml(value).toString()));
  if (typeof left === "string") return formatPercent(left, right);
  const [a, b] = [requireNumber("%", left), nonZero(requireNumber("%", right))];
  // Its sign is that of the divisor.
  return a - b * Math.floor(a / b);
}

function onNumbers(operator: string, run: (a: number, b: number) => number): Operator {
  return (left, right) => run(requireNumber(operator, left), requireNumber(operator, right));
}

function requireNumber(operator: string, value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean" || typeof value === "bigint") return Number(value);
  throw new TemplateFault(`'${operator}' cannot be used with ${kindOf(value)}`);
}

function nonZero(value: number): number {
  if (value === 0) throw new TemplateFault("a number is divided by zero");
  return value;
}
