import { util } from "./node.ts";

const longestText = 100;

/** @internal A value as error messages show it: on one line, by its own text if it has one, and not at any length. */
export function show(value: unknown): string {
  if (typeof value === "string") return showText(value);
  if (typeof value === "function") return `function ${value.name}`.trimEnd();
  if (hasOwnText(value)) return value.toString();
  return util().inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 10, maxStringLength: longestText });
}

/** @internal A value as messages show it that may hold a user's data: of an object only its kind, such as `a Map`. */
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
