import { option } from "../../base/options.ts";
import { cannot, outOfRange, wrongType } from "../../base/refusal.ts";
import { type Converter, isBuiltIn, type OwnConverters } from "./converters.ts";

/**
 * A converter of an application's own: reads a piece of a path as a value, and writes the value as text again.
 *
 * @example
 * import type { PathConverter } from "pottle";
 * const hex: PathConverter<number> = {
 *   pattern: /[0-9a-f]{1,6}/,
 *   parse: (text) => Number.parseInt(text, 16),
 *   build: (value) => value.toString(16),
 * };
 * const app = new Pottle(import.meta, { converters: { hex } });
 * app.get("/colors/<hex:color>", ({ color }) => ({ color }));
 * console.log((await app.testClient().get("/colors/ff")).text()); // {"color":255}
 * console.log(app.urlFor("/colors/<hex:color>", { color: 10 })); // /colors/a
 */
export interface PathConverter<Value = unknown> {
  /**
   * The form of the text: a regular expression without capturing groups and anchors. It is matched in Unicode mode; of its
   * flags only `i` counts. A text with slashes never gets there. Keep it one that takes linear time.
   */
  readonly pattern: RegExp | string;
  /**
   * Its place among others at the same place of a path: the lighter is tried first. Numbers have 50, texts 100.
   * @default 100
   */
  readonly weight?: number;
  /** Reads a text of this form; `undefined` if it has no value after all, which is no match. An error it throws is a 500. */
  parse(text: string): Value | undefined;
  /** Writes a value as a text of this form; `undefined` if it has none. */
  build(value: Value): string | undefined;
}

/** Converters of an application's own by their names, from the values that they give. */
export type PathConverters<Values> = { readonly [Name in keyof Values]: PathConverter<Values[Name]> };

/**
 * Makes a converter of the router from an application's own.
 *
 * @throws {TypeError} If it is not an object with `pattern`, `parse` and `build`, or its weight is not a number.
 * @throws {SyntaxError} If its pattern is not a regular expression, or has a capturing group.
 */
export function toConverter(name: string, own: PathConverter<unknown>): Converter {
  const action = `use the converter '${name}'`;
  if (typeof own !== "object" || own === null) throw wrongType(action, "it must be an object", own);
  const { weight = 100 } = own;
  option(action, "weight", weight).number();
  const functions: Readonly<Record<"parse" | "build", unknown>> = own;
  option(action, "parse", functions.parse).function();
  option(action, "build", functions.build).function();
  return {
    pattern: checkPattern(action, own.pattern),
    weight,
    spansSlashes: false,
    parse: (text) => own.parse(text),
    format: (value) => own.build(value),
  };
}

/**
 * Checks the names of converters.
 *
 * @throws {TypeError} If they are not an object, or one is not a converter.
 * @throws {RangeError} If a name is not an identifier.
 */
export function checkConverters(converters: Readonly<Record<string, PathConverter<unknown>>>): OwnConverters {
  if (typeof converters !== "object" || converters === null) {
    throw wrongType("use converters", "'converters' must be an object", converters);
  }
  return new Map(Object.entries(converters).map(([name, own]) => [checkName(name), toConverter(name, own)]));
}

function checkName(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name) && !isBuiltIn(name)) return name;
  throw outOfRange("use a converter", "its name must be an identifier, and not that of a built-in converter", name);
}

function checkPattern(action: string, pattern: unknown): string {
  const source = pattern instanceof RegExp ? pattern.source : pattern;
  if (typeof source !== "string" || source === "") {
    throw wrongType(action, "'pattern' must be a regular expression", pattern);
  }
  // An alternative that matches the empty text shows how many groups there are.
  const groups = new RegExp(`(?:${source})|`, "su").exec("")?.length ?? 1;
  if (groups > 1) throw new SyntaxError(cannot(action, "'pattern' must not have capturing groups", source));
  return pattern instanceof RegExp && pattern.ignoreCase ? `(?i:${source})` : `(?:${source})`;
}
