/**
 * The forms that the built-in converters are made of, so that a segment with several parameters can be matched without
 * backtracking: see `_linear-match.ts`.
 */

/** A set of characters. */
export interface CharacterSet {
  /** Its source in a regular expression. */
  readonly source: string;
  /** Whether a character is in it. */
  has(character: string): boolean;
}

/** A part of a form: characters of one set, so many of them, or one of some texts. */
export type Atom =
  /** Characters of a set: as many as there can be, or as few if `isLazy`. */
  | { readonly set: CharacterSet; readonly min: number; readonly max: number; readonly isLazy: boolean }
  /** One of these texts; the first that fits. */
  | { readonly texts: readonly string[] };

/** All characters but some. */
export function allBut(characters: string): CharacterSet {
  const source = characters === "" ? "." : `[^${escapeText(characters)}]`;
  return { source, has: (character) => !characters.includes(character) };
}

/** The digits from 0 to 9. */
export const digit: CharacterSet = { source: "\\d", has: (character) => /^\d$/.test(character) };

/** The hexadecimal digits. */
export const hexDigit: CharacterSet = {
  source: "[0-9A-Fa-f]",
  has: (character) => /^[0-9A-Fa-f]$/.test(character),
};

/** An atom of characters. */
export function run(set: CharacterSet, min: number, max: number = Infinity, isLazy: boolean = false): Atom {
  return { set, min, max, isLazy };
}

/** The source of a regular expression for atoms one after the other. */
export function toPattern(atoms: readonly Atom[]): string {
  return atoms.map(atomPattern).join("");
}

/** The source of a regular expression that matches this text and nothing else. */
export function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function atomPattern(atom: Atom): string {
  if ("texts" in atom) return `(?:${atom.texts.map(escapeText).join("|")})`;
  const { set, min, max, isLazy } = atom;
  return `${set.source}${times(min, max)}${isLazy ? "?" : ""}`;
}

/** How often, as short as it can be written: the engine is faster at `+` than at `{1,}`. */
function times(min: number, max: number): string {
  if (max !== Infinity) return min === max ? `{${min}}` : `{${min},${max}}`;
  return ["*", "+"][min] ?? `{${min},}`;
}
