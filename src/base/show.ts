import { util } from "./node.ts";

const longestText = 100;

/**
 * @internal The text of a value for error messages: on one line, from the value's own `toString` if it has one, and
 * shortened if it is long.
 */
export function show(value: unknown): string {
  if (typeof value === "string") return showText(value);
  if (typeof value === "function") return `function ${value.name}`.trimEnd();
  if (hasOwnText(value)) return value.toString();
  return util().inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 10, maxStringLength: longestText });
}

/** @internal The text for a value that may contain a user's data: for an object only its kind, such as `a Map`. */
export function showKind(value: unknown): string {
  if (typeof value !== "object" || value === null) return show(value);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  return `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}`;
}

function showText(text: string): string {
  if (text.length <= longestText) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, longestText))}… of ${text.length} characters`;
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
