import { type AccessEntry, describeOutcome, findHeader, formatPeer, phraseOf, splitTarget } from "../../http/index.ts";
import { type AccessLine, seenStatus } from "./access-line.ts";
import { escapeText } from "./escape.ts";
import { localLogTime } from "./log-time.ts";

const none = "-";

/** What an atom stands for: the same text in each line, or one that depends on the request. */
export type Atom = string | AccessLine;

/** Hypercorn's atoms that have a name, and `o`. */
const atoms: Readonly<Record<string, Atom>> = {
  h: ({ peer, client = peer }) => escapeText(formatPeer(client)),
  l: none,
  u: none,
  t: () => localLogTime(),
  r: (entry, exchange) => `${methodOf(entry)} ${pathOf(entry)} ${exchange?.httpVersion ?? none}`,
  R: (entry, exchange) => `${methodOf(entry)} ${escapeText(entry.target)} ${exchange?.httpVersion ?? none}`,
  m: methodOf,
  U: pathOf,
  Uq: ({ target }) => escapeText(target),
  q: ({ target }) => escapeText(splitTarget(target).query),
  H: (_, exchange) => exchange?.httpVersion ?? none,
  s: (entry, exchange) => String(seenStatus(entry, exchange) ?? none),
  st: (entry, exchange) => wordsOf(seenStatus(entry, exchange)),
  S: (_, exchange) => exchange?.scheme ?? none,
  b: responseHeader("content-length"),
  B: responseHeader("content-length"),
  f: requestHeader("referer"),
  a: requestHeader("user-agent"),
  T: ({ milliseconds }) => String(Math.floor(milliseconds / 1_000)),
  D: ({ milliseconds }) => String(Math.floor(milliseconds * 1_000)),
  L: ({ milliseconds }) => (milliseconds / 1_000).toFixed(6),
  p: `<${process.pid}>`,
  o: ({ outcome }) => escapeText(describeOutcome(outcome)),
};

/** The names of the atoms, for messages. */
export const atomNames: string = [...Object.keys(atoms), "{Header}i", "{Header}o", "{VARIABLE}e"].join(" ");

/** What the atom called `name` stands for; `undefined` if there is none. */
export function findAtom(name: string): Atom | undefined {
  const braced = /^\{([^{}]+)\}([ioe])$/.exec(name);
  if (braced === null) return Object.hasOwn(atoms, name) ? atoms[name] : undefined;
  const [, key = "", kind] = braced;
  if (kind === "e") return escapeText(process.env[key] ?? none);
  return kind === "i" ? requestHeader(key.toLowerCase()) : responseHeader(key.toLowerCase());
}

function requestHeader(lowerCaseName: string): AccessLine {
  return (_, exchange) => headerText(exchange && findHeader(exchange.rawHeaders, lowerCaseName));
}

function responseHeader(lowerCaseName: string): AccessLine {
  return (_, exchange) => headerText(exchange && findHeader(exchange.responseHeaders, lowerCaseName));
}

function headerText(value: string | undefined): string {
  return value === undefined || value === "" ? none : escapeText(value);
}

function methodOf({ method }: AccessEntry): string {
  return escapeText(method);
}

function pathOf({ target }: AccessEntry): string {
  return escapeText(splitTarget(target).path);
}

// As Hypercorn marks a status that has no name.
function wordsOf(status: number | undefined): string {
  return status === undefined ? none : phraseOf(status) || `<???${status}???>`;
}
