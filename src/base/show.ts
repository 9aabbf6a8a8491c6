import { inspect } from "node:util";

/** @internal A value as error messages show it: on one line, by its own text if it has one. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `function ${value.name}`.trimEnd();
  if (hasOwnText(value)) return value.toString();
  return inspect(value, { depth: 1, breakLength: Infinity });
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
