/**
 * Matches a text that has several parameters beside each other, such as `<a>-<b>-<c>`, in linear time. A regular
 * expression backtracks there: it tries each place for each parameter, and a long path of dashes takes seconds.
 *
 * Two passes over the text, once for each atom. The first goes from the end and notes at which places the atoms that are
 * left can match all that is left. The second goes from the beginning, and lets each atom take as much (or as little) as
 * leads to such a place: the match that the regular expression would have found.
 */

import type { Atom } from "./_atoms.ts";

/** An atom, and the parameter whose text it is part of; -1 for static text. */
export interface PlacedAtom {
  readonly atom: Atom;
  readonly parameter: number;
}

/** For each place of a text, whether the rest of the atoms can match the rest of the text. */
type Places = Uint8Array;

/**
 * Matches a whole text.
 *
 * @param count The number of parameters.
 * @returns The text, and then that of each parameter; `null` if it does not match.
 */
export function matchLinear(atoms: readonly PlacedAtom[], count: number, text: string): string[] | null {
  const characters = Array.from(text);
  const places = findPlaces(atoms, characters);
  if (places[0]?.[0] !== 1) return null;
  const values = [text, ...Array.from({ length: count }, () => "")];
  let from = 0;
  for (const [index, { atom, parameter }] of atoms.entries()) {
    const to = chooseEnd(atom, characters, from, places[index + 1] as Places);
    if (parameter >= 0) values[parameter + 1] += characters.slice(from, to).join("");
    from = to;
  }
  return values;
}

function findPlaces(atoms: readonly PlacedAtom[], characters: readonly string[]): readonly Places[] {
  let after: Places = new Uint8Array(characters.length + 1);
  after[characters.length] = 1;
  const places = [after];
  for (const { atom } of atoms.toReversed()) {
    after = "texts" in atom ? textPlaces(atom.texts, characters, after) : runPlaces(atom, characters, after);
    places.push(after);
  }
  return places.toReversed();
}

function textPlaces(texts: readonly string[], characters: readonly string[], after: Places): Places {
  const places = new Uint8Array(after.length);
  const alternatives = texts.map((text) => Array.from(text));
  for (let place = 0; place < places.length; place++) {
    if (alternatives.some((text) => fits(text, characters, place, after))) places[place] = 1;
  }
  return places;
}

function fits(text: readonly string[], characters: readonly string[], place: number, after: Places): boolean {
  return after[place + text.length] === 1 && text.every((character, index) => characters[place + index] === character);
}

function runPlaces({ set, min, max }: Exclude<Atom, { texts: unknown }>, characters: readonly string[], after: Places) {
  const places = new Uint8Array(after.length);
  const next = nearestPlaces(after);
  let length = 0;
  for (let place = characters.length; place >= 0; place--) {
    const character = characters[place];
    length = character !== undefined && set.has(character) ? length + 1 : 0;
    const most = Math.min(length, max);
    if (min <= most && (next[place + min] as number) <= place + most) places[place] = 1;
  }
  return places;
}

/** For each place, the nearest marked one from it on; beyond the end if there is none. */
function nearestPlaces(places: Places): Uint32Array {
  const nearest = new Uint32Array(places.length);
  let last = places.length;
  for (let place = places.length - 1; place >= 0; place--) {
    if (places[place] === 1) last = place;
    nearest[place] = last;
  }
  return nearest;
}

/** The place at which an atom ends that begins at `from`. There is one. */
function chooseEnd(atom: Atom, characters: readonly string[], from: number, after: Places): number {
  if ("texts" in atom) {
    const text = atom.texts.find((one) => fits(Array.from(one), characters, from, after)) ?? "";
    return from + Array.from(text).length;
  }
  let end = from + atom.min;
  if (atom.isLazy) {
    while (after[end] !== 1) end++;
    return end;
  }
  let last = end;
  for (end = from; end <= from + atom.max; end++) {
    if (end >= from + atom.min && after[end] === 1) last = end;
    const character = characters[end];
    if (character === undefined || !atom.set.has(character)) break;
  }
  return last;
}
