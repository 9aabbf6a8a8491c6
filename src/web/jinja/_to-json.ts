import { isHtml, raw } from "../html/html.ts";
import { TemplateFault } from "../jinja-syntax/template-errors.ts";

/**
 * JSON that is safe in a script, in text, and in an attribute with single quotes: `<`, `>`, `&` and `'` are written as
 * escapes of JSON.
 *
 * @throws {TemplateFault} If the value has no JSON.
 */
export function toJson(value: unknown, indent?: unknown): unknown {
  const text = JSON.stringify(value, replacer, typeof indent === "number" ? indent : undefined) as string | undefined;
  if (text === undefined)
    throw new TemplateFault(`${value === undefined ? "an undefined value" : `a ${typeof value}`} has no JSON`);
  return raw(
    text.replace(/[<>&'\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

function replacer(_: string, value: unknown): unknown {
  if (isHtml(value)) return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...(value as Set<unknown>)];
  return typeof value === "bigint" ? Number(value) : value;
}
