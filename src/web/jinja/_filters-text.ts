// Jinja's filters of texts and numbers.

import { isHtml, raw } from "../html/html.ts";
import { type Builtin, define } from "./_builtin.ts";
import { formatPercent } from "./_format-text.ts";
import { capitalize, center, replaceText } from "./_methods.ts";
import { TemplateFault } from "../jinja-syntax/template-errors.ts";
import { toJson } from "./_to-json.ts";
import { isDict } from "./dict.ts";
import { charactersOf, escapeText, isTrue, toHtml, toList, toText } from "./_values.ts";

/** Makes text of a value that gets into the result. */
type Show = (value: unknown) => string;

/** A filter that makes text of text, and HTML of HTML: what it puts into that is escaped by `show`. */
function onText(parameters: string, run: (text: string, args: readonly unknown[], show: Show) => string): Builtin {
  return define(parameters, (input, args) =>
    isHtml(input) ? raw(run(input.toString(), args, showHtml)) : run(toText(input), args, toText),
  );
}

function showHtml(value: unknown): string {
  return toHtml(value).toString();
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

function titleWords(text: string): string {
  return text
    .split(/([-\s({[<]+)/)
    .map(capitalize)
    .join("");
}

function truncate(text: string, [length, kill, end, leeway]: readonly unknown[], show: Show): string {
  const most = numberOr(length, 255);
  const tail = end === undefined ? "..." : show(end);
  if (text.length <= most + numberOr(leeway, 5)) return text;
  const cut = text.slice(0, Math.max(most - tail.length, 0));
  const space = isTrue(kill) ? -1 : cut.lastIndexOf(" ");
  return (space < 0 ? cut : cut.slice(0, space)) + tail;
}

function wrap(text: string, [width, breaks, newline]: readonly unknown[], show: Show): string {
  const most = numberOr(width, 79);
  const mark = newline === undefined || newline === null ? "\n" : show(newline);
  const wrapLine = (line: string): string =>
    wrapWords(line.split(/\s+/), most, breaks === undefined || isTrue(breaks)).join(mark);
  return text.split("\n").map(wrapLine).join(mark);
}

function wrapWords(words: readonly string[], most: number, breaks: boolean): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (joined.length <= most) {
      line = joined;
    } else if (word.length > most && breaks && most > 0) {
      // A word that fits into no line begins in what is left of this one.
      const pieces = chop(joined, line.length < most - 1 ? 0 : line.length, most);
      line = pieces.pop()!;
      for (const piece of pieces) lines.push(piece);
    } else {
      if (line !== "") lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Cuts text into lines; a `first` one ends before a blank, which is dropped. */
function chop(text: string, first: number, most: number): string[] {
  const pieces = first === 0 ? [] : [text.slice(0, first)];
  for (let at = first === 0 ? 0 : first + 1; at < text.length; at += most) pieces.push(text.slice(at, at + most));
  return pieces;
}

function indent(text: string, [width, first, blank]: readonly unknown[], show: Show): string {
  const space = typeof width === "string" || isHtml(width) ? show(width) : " ".repeat(numberOr(width, 4));
  const [head = "", ...rest] = text.split("\n");
  const lines = rest.map((line) => (line !== "" || isTrue(blank) ? space + line : line));
  return [isTrue(first) && (head !== "" || isTrue(blank)) ? space + head : head, ...lines].join("\n");
}

/** Rounds as Python does: halves go to the even neighbour. */
function round(value: number, [precision, method]: readonly unknown[]): number {
  const factor = 10 ** numberOr(precision, 0);
  const scaled = value * factor;
  if (method === "ceil") return Math.ceil(scaled) / factor;
  if (method === "floor") return Math.floor(scaled) / factor;
  const floor = Math.floor(scaled);
  const isHalf = scaled - floor === 0.5;
  return (isHalf ? (floor % 2 === 0 ? floor : floor + 1) : Math.round(scaled)) / factor;
}

function fileSize(value: number, isBinary: boolean): string {
  const base = isBinary ? 1_024 : 1_000;
  if (value === 1) return "1 Byte";
  if (value < base) return `${Math.trunc(value)} Bytes`;
  const units = isBinary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] : ["kB", "MB", "GB", "TB", "PB", "EB"];
  const power = Math.min(Math.floor(Math.log(value) / Math.log(base)), units.length);
  return `${(value / base ** power).toFixed(1)} ${units[power - 1]}`;
}

function toInteger(input: unknown, [fallback, base]: readonly unknown[]): unknown {
  const text = toText(input).trim();
  const radix = numberOr(base, 10);
  const value = radix === 10 ? Math.trunc(Number(text === "" ? Number.NaN : text)) : Number.parseInt(text, radix);
  return typeof input === "boolean" ? Number(input) : Number.isFinite(value) ? value : (fallback ?? 0);
}

function toFloat(input: unknown, [fallback]: readonly unknown[]): unknown {
  const text = toText(input).trim();
  const value = text === "" ? Number.NaN : Number(text);
  return Number.isNaN(value) ? (fallback ?? 0) : value;
}

function encodeUrl(input: unknown): string {
  const encode = (value: unknown, keepsSlash: boolean): string => {
    const text = encodeURIComponent(toText(value)).replace(
      /[!'()*]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    return keepsSlash ? text.replaceAll("%2F", "/") : text.replaceAll("%20", "+");
  };
  if (typeof input === "string" || isHtml(input) || typeof input === "number") return encode(input, true);
  const pairs: readonly unknown[] = isDict(input) ? Object.entries(input) : toList(input);
  return pairs
    .map((pair) =>
      toList(pair)
        .map((part) => encode(part, false))
        .join("="),
    )
    .join("&");
}

function attributes(input: unknown, [leads]: readonly unknown[]): unknown {
  if (!isDict(input)) throw new TemplateFault("'xmlattr' needs a dict");
  const written = Object.entries(input).flatMap(([key, value]) => {
    if (value === undefined || value === null) return [];
    if (/[\s/>=\0]/.test(key)) throw new TemplateFault(`'${key}' is no name of an attribute`);
    return [`${escapeText(key)}="${toHtml(value).toString()}"`];
  });
  const text = written.join(" ");
  return raw(text !== "" && (leads === undefined || isTrue(leads)) ? ` ${text}` : text);
}

const urlPattern = /^(?:https?:\/\/|www\.)[^\s<>"']+$/i;

function linkify(input: unknown, [limit, nofollow, target, more]: readonly unknown[]): unknown {
  const said = isTrue(more) ? toText(more).split(/\s+/) : [];
  const rels = new Set([...said, ...(isTrue(nofollow) ? ["nofollow"] : []), "noopener"]);
  const rel = escapeText([...rels].filter(Boolean).toSorted().join(" "));
  const frame = target === undefined || target === null ? "" : ` target="${escapeText(toText(target))}"`;
  const most = numberOr(limit, Infinity);
  const link = (word: string): string => {
    const [before, url, after] = splitWord(word);
    if (!urlPattern.test(url)) return escapeText(word);
    const shown = url.length > most ? `${url.slice(0, most)}...` : url;
    const address = url.toLowerCase().startsWith("www.") ? `https://${url}` : url;
    return `${escapeText(before)}<a href="${escapeText(address)}" rel="${rel}"${frame}>${escapeText(shown)}</a>${escapeText(after)}`;
  };
  return raw(toText(input).split(/(\s+)/).map(link).join(""));
}

/** The brackets before a word, the word, and what follows it. */
function splitWord(word: string): [before: string, bare: string, after: string] {
  const start = /^[(<]*/.exec(word)![0].length;
  let end = word.length;
  while (end > start && ".,)>;:!?".includes(word[end - 1]!)) end--;
  return [word.slice(0, start), word.slice(start, end), word.slice(end)];
}

/** A text without what is between two marks. One that is not closed is kept, and not looked for again at each of them. */
function cutOut(text: string, opening: string, closing: string): string {
  let kept = "";
  let at = 0;
  for (let start = text.indexOf(opening); start >= 0; start = text.indexOf(opening, at)) {
    const end = text.indexOf(closing, start + opening.length);
    if (end < 0) break;
    kept += text.slice(at, start);
    at = end + closing.length;
  }
  return kept + text.slice(at);
}

function stripTags(input: unknown): string {
  const bare = cutOut(cutOut(toText(input), "<!--", "-->"), "<", ">");
  return bare
    .split(/\s+/)
    .join(" ")
    .trim()
    .replace(/&(?:lt|gt|quot|#34|#39|amp);/g, (entity) => entityTexts[entity]!);
}

const entityTexts: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#34;": '"',
  "&#39;": "'",
  "&amp;": "&",
};

function replaceIn(input: unknown, [from, to, count]: readonly unknown[], autoescape: boolean): unknown {
  if (!autoescape || ![input, to].some(isHtml)) return replaceText(toText(input), toText(from), toText(to), count);
  const text = isHtml(input) ? input.toString() : escapeText(toText(input));
  return raw(replaceText(text, toText(from), toHtml(to).toString(), count));
}

function formatText(input: unknown, args: readonly unknown[]): unknown {
  const named = args.length === 1 && isDict(args[0]) ? args[0] : undefined;
  const values = named ?? args;
  return isHtml(input)
    ? raw(formatPercent(input.toString(), values, (value) => toHtml(value).toString()))
    : formatPercent(toText(input), values);
}

/** The filters of texts and numbers, by name. */
export const textFilters: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    upper: onText("", (text) => text.toUpperCase()),
    lower: onText("", (text) => text.toLowerCase()),
    capitalize: onText("", capitalize),
    title: onText("", titleWords),
    trim: onText("chars", (text, [chars]) => trim(text, chars)),
    center: onText("width", (text, [width]) => center(text, numberOr(width, 80))),
    truncate: onText("length killwords end leeway", truncate),
    wordwrap: onText("width break_long_words wrapstring break_on_hyphens", wrap),
    indent: onText("width first blank", indent),
    replace: define("old new count", (input, args, { autoescape }) => replaceIn(input, args, autoescape)),
    format: { parameters: undefined, run: (_, input, args) => formatText(input, args) },
    wordcount: define("", (input) => toText(input).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
    striptags: define("", stripTags),
    escape: define("", toHtml),
    e: define("", toHtml),
    forceescape: define("", (input) => raw(escapeText(toText(input)))),
    safe: define("", (input) => (isHtml(input) ? input : raw(toText(input)))),
    string: define("", (input) => (isHtml(input) ? input : toText(input))),
    urlencode: define("", encodeUrl),
    urlize: define("trim_url_limit nofollow target rel", linkify),
    xmlattr: define("autospace", attributes),
    tojson: define("indent", (input, [spaces]) => toJson(input, spaces)),
    pprint: define("", toText),
    abs: define("", (input) => Math.abs(Number(input))),
    int: define("default base", toInteger),
    float: define("default", toFloat),
    round: define("precision method", (input, args) => round(Number(input), args)),
    filesizeformat: define("binary", (input, [binary]) => fileSize(Number(input), isTrue(binary))),
  }),
);

function trim(text: string, characters: unknown): string {
  if (characters === undefined || characters === null) return text.trim();
  const set = new Set(toText(characters));
  const all = charactersOf(text);
  const from = all.findIndex((character) => !set.has(character));
  return from < 0 ? "" : all.slice(from, all.findLastIndex((character) => !set.has(character)) + 1).join("");
}
