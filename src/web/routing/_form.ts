import { type Atom, escapeText } from "./_atoms.ts";
import { matchLinear, type PlacedAtom } from "./_linear-match.ts";
import { parametersOf, type PathParameter, type PathPattern } from "./path-pattern.ts";

/**
 * Takes a text apart: gives the text itself and then that of each parameter, as a regular expression does, or `null` if it
 * does not match.
 */
export type Form = (text: string) => readonly string[] | null;

/**
 * Makes the function that matches texts of a pattern. With one parameter that is a regular expression; with several, which
 * a regular expression would try against each other, a match in linear time, if all converters say of which atoms they
 * are.
 *
 * @param end An atom after the pattern, whose text comes after those of the parameters.
 */
export function toForm(pattern: PathPattern, end?: Atom): Form {
  const parameters = parametersOf(pattern);
  const count = parameters.length + (end === undefined ? 0 : 1);
  const atoms = placeAtoms(pattern, end);
  if (parameters.length > 1 && atoms !== undefined) return (text) => matchLinear(atoms, count, text);
  const source = pattern.map((piece) =>
    typeof piece === "string" ? escapeText(piece) : `(${piece.converter.pattern})`,
  );
  const expression = new RegExp(`^${source.join("")}${end === undefined ? "" : endPattern(end)}$`, "su");
  return (text) => expression.exec(text);
}

/** The values of parameters by their names, from the result of a form; `undefined` if a converter refuses a text. */
export function readValues(
  parameters: readonly PathParameter[],
  texts: readonly string[],
): [string, unknown][] | undefined {
  const values: [string, unknown][] = [];
  for (const [index, { name, converter }] of parameters.entries()) {
    const value = converter.parse(texts[index + 1] ?? "");
    if (value === undefined) return undefined;
    values.push([name, value]);
  }
  return values;
}

/** More static text comes first, then fewer parameters, then their weights one after the other. */
export function weigh(pattern: PathPattern): number[] {
  const text = pattern.filter((piece) => typeof piece === "string").join("");
  const parameters = parametersOf(pattern);
  return [-text.length, parameters.length, ...parameters.map(({ converter }) => converter.weight)];
}

/** Compares two weights for sorting. */
export function compareWeights(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((weight, at) => weight !== other[at]);
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}

function endPattern(end: Atom): string {
  return "texts" in end ? `(${end.texts.map(escapeText).join("|")})` : "";
}

function placeAtoms(pattern: PathPattern, end: Atom | undefined): readonly PlacedAtom[] | undefined {
  const placed: PlacedAtom[] = [];
  let parameter = 0;
  for (const piece of pattern) {
    if (typeof piece === "string") {
      placed.push({ atom: { texts: [piece] }, parameter: -1 });
      continue;
    }
    if (piece.converter.atoms === undefined) return undefined;
    for (const atom of piece.converter.atoms) placed.push({ atom, parameter });
    parameter++;
  }
  return end === undefined ? placed : [...placed, { atom: end, parameter }];
}
