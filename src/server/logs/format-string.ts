import { cannot } from "../../base/refusal.ts";
import { type Atom, atomNames, findAtom } from "./access-atoms.ts";
import type { AccessLine } from "./access-line.ts";

const piece = /%\(([^()]*)\)s|%%|%|[^%]+/g;

/**
 * Makes a function of a format string, in the way of Python's `%`: `%(NAME)s` stands for an atom, `%%` for a percent sign.
 *
 * @throws {RangeError} If it has an atom that there is not, or a `%` that begins neither.
 */
export function compileFormatString(action: string, format: string): AccessLine {
  // The text before each atom that depends on the request, and the text after the last one.
  const texts: string[] = [""];
  const atoms: AccessLine[] = [];
  for (const [match, name] of format.matchAll(piece)) {
    const meaning = name === undefined ? textOf(action, match) : atomOf(action, name);
    if (typeof meaning === "string") {
      texts.push(`${texts.pop()}${meaning}`);
    } else {
      atoms.push(meaning);
      texts.push("");
    }
  }
  return joining(texts, atoms);
}

function atomOf(action: string, name: string): Atom {
  return findAtom(name) ?? refuse(action, `its atoms must be among ${atomNames}`, name);
}

// Line breaks of the format itself would make several lines of one.
function textOf(action: string, match: string): string {
  if (match === "%") refuse(action, "each '%' in the format must be followed by '(NAME)s' or another '%'", match);
  if (/[\r\n]/.test(match)) refuse(action, "the format must be one line", match);
  return match === "%%" ? "%" : match;
}

function refuse(action: string, rule: string, value: string): never {
  throw new RangeError(cannot(action, rule, value));
}

function joining(texts: readonly string[], atoms: readonly AccessLine[]): AccessLine {
  const last = texts.at(-1) ?? "";
  return (entry, exchange) => {
    let line = "";
    for (let i = 0; i < atoms.length; i++) line += texts[i]! + atoms[i]!(entry, exchange);
    return line + last;
  };
}
