import { outOfRange } from "../../base/refusal.ts";
import type { ConverterName, PathValue } from "./path-types.ts";

/** Reads a piece of a path as a value, and writes a value as a piece of a path. */
export interface Converter {
  /** The form of the text: the source of a regular expression without capturing groups. */
  readonly pattern: string;
  /** Where it stands among others at the same place: the lighter is tried first. */
  readonly weight: number;
  /** Whether the text may have slashes in it. */
  readonly spansSlashes: boolean;
  /** The value of a text that matched `pattern`; `undefined` if it is none after all. */
  parse(text: string): PathValue | undefined;
  /** The text of a value; `undefined` if the value has none. It is tested against `pattern` afterwards. */
  format(value: unknown): string | undefined;
}

/** A converter's arguments as they stand in the path: `min=1` is named, `a` is an item. */
export interface ConverterArguments {
  /** The arguments without a name, in their order. */
  readonly items: readonly string[];
  /** The arguments with a name. */
  readonly named: ReadonlyMap<string, string>;
}

type Factory = (settings: Settings) => Converter;

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

/**
 * Makes the converter that a path asks for.
 *
 * @throws {RangeError} If there is no such converter, or if it has no such argument, or cannot have that value.
 */
export function createConverter(name: string, args: ConverterArguments): Converter {
  if (!Object.hasOwn(factories, name)) {
    const known = Object.keys(factories).join(", ");
    throw outOfRange("use the converter", `its name must be one of ${known}`, name);
  }
  const settings = new Settings(name, args);
  const converter = factories[name as ConverterName](settings);
  settings.refuseRest();
  return converter;
}

/** The source of a regular expression that matches this text and nothing else. */
export function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function stringConverter(settings: Settings): Converter {
  const length = settings.count("length");
  const minimum = settings.count("minlength") ?? 1;
  const maximum = settings.count("maxlength") ?? "";
  const times = length === undefined ? `{${minimum},${maximum}}` : `{${length}}`;
  return textConverter(`[^/]${times}`, textWeight);
}

function pathConverter(): Converter {
  return { ...textConverter("[^/].*?", pathWeight), spansSlashes: true };
}

function uuidConverter(): Converter {
  const digits = (count: number): string => `[0-9A-Fa-f]{${count}}`;
  const pattern = [digits(8), digits(4), digits(4), digits(4), digits(12)].join("-");
  return { ...textConverter(pattern, textWeight), parse: (text) => text.toLowerCase() };
}

function anyConverter(settings: Settings): Converter {
  const items = settings.takeItems();
  if (items.length === 0 || items.some((item) => item === "" || item.includes("/"))) {
    const list = JSON.stringify(items);
    throw new RangeError(`Cannot use the converter 'any' as it needs items without slashes: current items are ${list}`);
  }
  return textConverter(`(?:${items.map(escapeText).join("|")})`, textWeight);
}

function textConverter(pattern: string, weight: number): Converter {
  return {
    pattern,
    weight,
    spansSlashes: false,
    parse: (text) => text,
    format: (value) => (typeof value === "string" || typeof value === "number" ? String(value) : undefined),
  };
}

function intConverter(settings: Settings): Converter {
  const digits = settings.count("fixedDigits");
  return numberConverter(settings, digits === undefined ? "\\d+" : `\\d{${digits}}`, (value) => {
    // Beyond 2^53 two texts would give the same number, so such a text is not an int.
    if (!Number.isSafeInteger(value)) return undefined;
    const text = String(Math.abs(value)).padStart(digits ?? 1, "0");
    return value < 0 ? `-${text}` : text;
  });
}

function floatConverter(settings: Settings): Converter {
  return numberConverter(settings, "\\d+\\.\\d+", (value) => (Number.isFinite(value) ? toDecimal(value) : undefined));
}

function numberConverter(settings: Settings, pattern: string, write: (value: number) => string | undefined): Converter {
  const minimum = settings.number("min") ?? -Infinity;
  const maximum = settings.number("max") ?? Infinity;
  const signed = settings.flag("signed");
  const format = (value: unknown): string | undefined =>
    typeof value === "number" && value >= minimum && value <= maximum ? write(value) : undefined;
  return {
    pattern: signed ? `-?${pattern}` : pattern,
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

/** A converter's arguments, taken one by one, so that those which were not taken can be refused. */
class Settings {
  readonly #converter: string;
  readonly #items: string[];
  readonly #named: Map<string, string>;

  constructor(converter: string, args: ConverterArguments) {
    this.#converter = converter;
    this.#items = [...args.items];
    this.#named = new Map(args.named);
  }

  takeItems(): string[] {
    return this.#items.splice(0);
  }

  flag(name: string): boolean {
    const text = this.#take(name) ?? "false";
    if (text === "true" || text === "false") return text === "true";
    throw this.#wrong(name, "true or false", text);
  }

  count(name: string): number | undefined {
    const value = this.number(name);
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value;
    throw this.#wrong(name, "a whole number >= 0", String(value));
  }

  number(name: string): number | undefined {
    const text = this.#take(name);
    if (text === undefined || /^-?\d+(\.\d+)?$/.test(text)) return text === undefined ? undefined : Number(text);
    throw this.#wrong(name, "a number", text);
  }

  refuseRest(): void {
    const rest = [...this.#items, ...this.#named.keys()][0];
    if (rest === undefined) return;
    throw new RangeError(`Cannot use the converter '${this.#converter}' as it has no argument '${rest}'`);
  }

  #take(name: string): string | undefined {
    const text = this.#named.get(name);
    this.#named.delete(name);
    return text;
  }

  #wrong(name: string, wanted: string, text: string): RangeError {
    return outOfRange(`use the converter '${this.#converter}'`, `'${name}' must be ${wanted}`, text);
  }
}
