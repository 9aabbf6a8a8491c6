import { outOfRange } from "../../base/refusal.ts";
import { allBut, type Atom, digit, hexDigit, run, toPattern } from "./_atoms.ts";
import { type ConverterArguments, ConverterSettings } from "./_converter-settings.ts";
import type { ConverterName } from "./path-types.ts";

/** Reads a piece of a path as a value, and writes a value as a piece of a path. */
export interface Converter {
  /** The form of the text: the source of a regular expression without capturing groups. */
  readonly pattern: string;
  /** The form in parts that are matched without backtracking; `undefined` if only `pattern` says it. */
  readonly atoms?: readonly Atom[];
  /** Where it stands among others at the same place: the lighter is tried first. */
  readonly weight: number;
  /** Whether the text may have slashes in it. */
  readonly spansSlashes: boolean;
  /** The value of a text that matched `pattern`; `undefined` if it is none after all. */
  parse(text: string): unknown;
  /** The text of a value; `undefined` if the value has none. It is tested against `pattern` afterwards. */
  format(value: unknown): string | undefined;
}

/** Characters that separate the parts of what a pattern is for: of a path slashes, of a host dots. */
export type Separators = "/" | "./";

type Factory = (settings: ConverterSettings, separators: Separators) => Converter;

const numberWeight = 50;
const textWeight = 100;
const pathWeight = 200;

const factories: Readonly<Record<ConverterName, Factory>> = {
  string: stringConverter,
  int: intConverter,
  float: floatConverter,
  path: pathConverter,
  uuid: uuidConverter,
  any: anyConverter,
};

/** Converters of an application's own by their names. */
export type OwnConverters = ReadonlyMap<string, Converter>;

/** No converters of an application's own. */
export const noConverters: OwnConverters = new Map();

/**
 * Makes the converter that a path asks for.
 *
 * @throws {RangeError} If there is no such converter, or if it has no such argument, or cannot have that value.
 */
export function createConverter(
  name: string,
  args: ConverterArguments,
  own: OwnConverters,
  separators: Separators,
): Converter {
  const settings = new ConverterSettings(name, args);
  const converter = own.get(name) ?? findFactory(name, own)(settings, separators);
  settings.refuseRest();
  return converter;
}

/** Whether a converter of this name is always there. */
export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(factories, name);
}

function findFactory(name: string, own: OwnConverters): Factory {
  if (isBuiltIn(name)) return factories[name as ConverterName];
  const known = [...Object.keys(factories), ...own.keys()].join(", ");
  throw outOfRange("use the converter", `its name must be one of ${known}`, name);
}

function stringConverter(settings: ConverterSettings, separators: Separators): Converter {
  const length = settings.count("length");
  const least = settings.count("minlength") ?? 1;
  const most = settings.count("maxlength") ?? Infinity;
  settings.requireOrder(least, most);
  return textConverter([run(allBut(separators), length ?? least, length ?? most)], textWeight);
}

function pathConverter(): Converter {
  const atoms = [run(allBut("/"), 1, 1), run(allBut(""), 0, Infinity, true)];
  return { ...textConverter(atoms, pathWeight), spansSlashes: true };
}

function uuidConverter(): Converter {
  const dash: Atom = { texts: ["-"] };
  const atoms = [8, 4, 4, 4, 12].flatMap((count, index) => [...(index > 0 ? [dash] : []), run(hexDigit, count, count)]);
  return { ...textConverter(atoms, textWeight), parse: (text) => text.toLowerCase() };
}

function anyConverter(settings: ConverterSettings): Converter {
  const items = settings.takeItems();
  if (items.length === 0 || items.some((item) => item === "" || item.includes("/"))) {
    const list = JSON.stringify(items);
    throw new RangeError(`Cannot use the converter 'any' as it needs items without slashes: current items are ${list}`);
  }
  return textConverter([{ texts: items }], textWeight);
}

function textConverter(atoms: readonly Atom[], weight: number): Converter {
  return {
    pattern: toPattern(atoms),
    atoms,
    weight,
    spansSlashes: false,
    parse: (text) => text,
    format: (value) => (typeof value === "string" || typeof value === "number" ? String(value) : undefined),
  };
}

function intConverter(settings: ConverterSettings): Converter {
  // The spelling of Werkzeug, in which routes are moved from there, and our own.
  const digits = settings.count("fixed_digits") ?? settings.count("fixedDigits");
  return numberConverter(settings, [run(digit, digits ?? 1, digits)], (value) => {
    // Beyond 2^53 two texts would give the same number, so such a text is not an int.
    if (!Number.isSafeInteger(value)) return undefined;
    const text = String(Math.abs(value)).padStart(digits ?? 1, "0");
    return value < 0 ? `-${text}` : text;
  });
}

function floatConverter(settings: ConverterSettings): Converter {
  const atoms = [run(digit, 1), { texts: ["."] }, run(digit, 1)];
  return numberConverter(settings, atoms, (value) => (Number.isFinite(value) ? toDecimal(value) : undefined));
}

function numberConverter(
  settings: ConverterSettings,
  digits: readonly Atom[],
  write: (value: number) => string | undefined,
): Converter {
  const minimum = settings.number("min") ?? -Infinity;
  const maximum = settings.number("max") ?? Infinity;
  settings.requireOrder(minimum, maximum);
  const atoms = settings.flag("signed") ? [{ texts: ["-", ""] }, ...digits] : digits;
  const format = (value: unknown): string | undefined =>
    typeof value === "number" && value >= minimum && value <= maximum ? write(value) : undefined;
  return {
    pattern: toPattern(atoms),
    atoms,
    weight: numberWeight,
    spansSlashes: false,
    parse: (text) => {
      const value = Number(text) + 0; // "-0" is 0
      return format(value) === undefined ? undefined : value;
    },
    format,
  };
}

/** A number with a decimal point and without an exponent: 5 is "5.0", 1.5e-7 is "0.00000015". */
function toDecimal(value: number): string {
  const [mantissa = "0", exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const shift = Number(exponent);
  const left = whole.padStart(Math.max(0, -shift) + 1, "0");
  const right = fraction.padEnd(Math.max(0, shift), "0");
  const point = left.length + shift;
  const digits = left + right;
  const sign = value < 0 ? "-" : "";
  return `${sign}${digits.slice(0, point)}.${digits.slice(point) || "0"}`;
}
