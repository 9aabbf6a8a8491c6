// Python's two ways of putting values into a text: `"%s: %d" % (a, b)` and `"{}: {:.2f}".format(a, b)`.

import { TemplateFault } from "../jinja-syntax/template-errors.ts";
import { isDict } from "./dict.ts";
import { toText } from "./_values.ts";

const directive = /%(?:\(([^)]*)\))?([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

/**
 * Puts values into a text by `%`.
 *
 * @throws {TemplateFault} If there are not enough values.
 */
export function formatPercent(format: string, args: unknown, show: (value: unknown) => string = toText): string {
  const values: readonly unknown[] = Array.isArray(args) ? args : [args];
  let at = 0;
  return format.replace(
    directive,
    (_, key: string | undefined, flags: string, width = "0", precision: string | undefined, type: string) => {
      if (type === "%") return "%";
      if (key === undefined && at >= values.length)
        throw new TemplateFault("there are not enough values for the format");
      const value = key === undefined ? values[at++] : valueOf(args, key);
      const text = write(value, flags, precision === undefined ? undefined : Number(precision), type, show);
      return pad(text, flags, Number(width));
    },
  );
}

function valueOf(args: unknown, key: string): unknown {
  if (isDict(args) && Object.hasOwn(args, key)) return args[key];
  throw new TemplateFault(`the format has no value for '${key}'`);
}

function write(
  value: unknown,
  flags: string,
  precision: number | undefined,
  type: string,
  show: (value: unknown) => string,
): string {
  if (type === "s" || type === "r") return show(value).slice(0, precision);
  const number = Number(value);
  const text = writeNumber(number, precision, type);
  return flags.includes("+") && number >= 0 ? `+${text}` : text;
}

function writeNumber(number: number, precision: number | undefined, type: string): string {
  if (type === "d" || type === "i") return String(Math.trunc(number));
  if (type === "x") return Math.trunc(number).toString(16);
  if (type === "X") return Math.trunc(number).toString(16).toUpperCase();
  if (type === "o") return Math.trunc(number).toString(8);
  if (type === "e") return number.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, "e$10$2");
  return type === "f" || type === "F" ? number.toFixed(precision ?? 6) : String(number);
}

function pad(text: string, flags: string, width: number): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0")) return text.padStart(width);
  return /^[-+]/.test(text) ? text[0]! + text.slice(1).padStart(width - 1, "0") : text.padStart(width, "0");
}

const field = /\{\{|\}\}|\{(\w*)(?::([^{}]*))?\}/g;
const spec = /^(?:(.)?([<>^]))?([-+ ])?(0)?(\d+)?(,)?(?:\.(\d+))?([a-z%])?$/i;

/** Puts values into a text by `format()`; a last argument that is a dict has the named ones. */
export function formatBraces(
  format: string,
  args: readonly unknown[],
  show: (value: unknown) => string = toText,
): string {
  const named = args.at(-1);
  let at = 0;
  return format.replace(field, (whole, key: string | undefined, form = "") => {
    if (key === undefined) return whole[0]!;
    const value = key === "" ? args[at++] : /^\d+$/.test(key) ? args[Number(key)] : valueOf(named, key);
    return form === "" ? show(value) : writeField(value, form as string, show);
  });
}

function writeField(value: unknown, form: string, show: (value: unknown) => string): string {
  const parts = spec.exec(form);
  if (parts === null) throw new TemplateFault(`'${form}' is no format`);
  const [, fill = " ", align, sign, zero, width = "0", comma, precision, type] = parts;
  const isNumber = typeof value === "number";
  const digits = precision === undefined ? undefined : Number(precision);
  // Cut first: the end of an entity must not get lost.
  let text = isNumber
    ? writeFieldNumber(value, digits, type)
    : show(digits === undefined ? value : toText(value).slice(0, digits));
  if (comma !== undefined && isNumber) text = text.replace(/\d(?=(\d{3})+(?!\d))(?<!\.\d*)/g, "$&,");
  if (sign === "+" && isNumber && value >= 0) text = `+${text}`;
  if (zero !== undefined) return pad(text, "0", Number(width));
  const missing = Math.max(Number(width) - text.length, 0);
  const left = align === "^" ? missing >> 1 : align === ">" || (align === undefined && isNumber) ? missing : 0;
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

function writeFieldNumber(value: number, precision: number | undefined, type: string | undefined): string {
  if (type === "%") return `${(value * 100).toFixed(precision ?? 6)}%`;
  if (type !== undefined) return writeNumber(value, precision, type);
  return precision === undefined ? toText(value) : String(Number(value.toPrecision(precision)));
}
