import { Dice } from "./_dice.ts";

/** Requests as they came out of the dice, and whether they are as they should be. */
export interface Sample {
  /** Latin-1, a character a byte. */
  readonly text: string;
  /** Whether nothing was changed in them: a parser must take them all. */
  readonly isValid: boolean;
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const tokenCharacters = `${letters}0123456789!#$%&'*+-.^_\`|~`;
const targetCharacters = `${letters}0123456789/?&=%-._~!$'()*+,;:@|{}"<>[]\\^\``;
const valueCharacters = `${letters}0123456789 \t,;:="()/-\x80\xa0\xff`;

const methods = ["GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "PATCH", "PROPFIND", "M-SEARCH"];
const hosts = ["a", "example.org", "a:80", "127.0.0.1:8080", "[::1]:80", ""];
const names = ["User-Agent", "Accept", "Cookie", "Origin", "Date", "From", "Referer", "X-Y", "Keep-Alive", "TE"];
const connections = ["keep-alive", "close", "Close", "Keep-Alive, x", "upgrade", "x , close", ", ", "closed"];

/** One or more requests, most of them with a few things changed in them. */
export function generate(seed: number): Sample {
  const dice = new Dice(seed);
  let text = "";
  for (let count = 1 + dice.int(3); count > 0; count--) text += requestOf(dice);
  // As a client does that asks for the same again.
  if (dice.chance(0.1)) text += text;
  if (dice.chance(0.2)) return { text, isValid: true };
  for (let count = dice.pick([1, 1, 1, 2, 3]); count > 0; count--) text = mutate(dice, text);
  return { text, isValid: false };
}

function requestOf(dice: Dice): string {
  const version = dice.chance(0.1) ? "1.0" : "1.1";
  const host = dice.pick(hosts);
  const method = dice.chance(0.05) ? "OPTIONS" : dice.pick(methods);
  const fields: string[] = [];
  if (version === "1.1" || dice.chance(0.5))
    fields.push(`${spelt(dice, "Host")}:${blanks(dice)}${host}${blanks(dice)}`);
  for (let count = dice.int(5); count > 0; count--) fields.push(fieldOf(dice));
  // Not close, as nothing behind it is read.
  if (dice.chance(0.2))
    fields.push(
      `${spelt(dice, "Connection")}: ${dice.pick(connections.filter((value) => !/close$/i.test(value) || dice.chance(0.1)))}`,
    );
  if (dice.chance(0.05)) fields.push(`${spelt(dice, "Upgrade")}: websocket`);
  if (version === "1.0") fields.push("Connection: keep-alive");
  const [framing, body] = bodyOf(dice, method === "GET" ? 0.2 : 0.7, version === "1.1");
  fields.push(...framing);
  // Each with its line, in any order.
  for (let at = fields.length - 1; at > 0; at--) {
    const other = dice.int(at + 1);
    [fields[at], fields[other]] = [fields[other]!, fields[at]!];
  }
  const head = [`${method} ${targetOf(dice, method, host)} HTTP/${version}`, ...fields, "", ""].join("\r\n");
  return (dice.chance(0.05) ? "\r\n" : "") + head + body;
}

function targetOf(dice: Dice, method: string, host: string): string {
  if (method === "OPTIONS" && dice.chance(0.5)) return "*";
  const path = `/${dice.text(targetCharacters, dice.int(12))}`;
  return host !== "" && dice.chance(0.1) ? `http://${host}${path}` : path;
}

function fieldOf(dice: Dice): string {
  const name = dice.chance(0.7) ? spelt(dice, dice.pick(names)) : `X${dice.text(tokenCharacters, dice.int(8))}`;
  return `${name}:${blanks(dice)}${dice.text(valueCharacters, dice.int(20))}${blanks(dice)}`;
}

function spelt(dice: Dice, name: string): string {
  if (dice.chance(0.7)) return name;
  return Array.from(name, (letter) => (dice.chance(0.5) ? letter.toUpperCase() : letter.toLowerCase())).join("");
}

function blanks(dice: Dice): string {
  return dice.chance(0.7) ? " " : dice.text(" \t", dice.int(3));
}

function bodyOf(dice: Dice, probability: number, mayChunk: boolean): [fields: string[], body: string] {
  if (!dice.chance(probability)) return [[], ""];
  const body = dice.text(`${valueCharacters}\r\n\x000123`, dice.int(40));
  const expects = mayChunk && dice.chance(0.1) ? ["Expect: 100-continue"] : [];
  if (!mayChunk || dice.chance(0.4)) return [[`${spelt(dice, "Content-Length")}: ${body.length}`, ...expects], body];
  return [[`${spelt(dice, "Transfer-Encoding")}: ${spelt(dice, "chunked")}`, ...expects], chunked(dice, body)];
}

function chunked(dice: Dice, body: string): string {
  let text = "";
  for (let at = 0; at < body.length;) {
    const piece = body.slice(at, at + 1 + dice.int(20));
    text += `${sizeOf(dice, piece.length)}${extensionOf(dice)}\r\n${piece}\r\n`;
    at += piece.length;
  }
  text += `${sizeOf(dice, 0)}${extensionOf(dice)}\r\n`;
  if (dice.chance(0.2)) for (let count = dice.int(3); count > 0; count--) text += `${fieldOf(dice)}\r\n`;
  return `${text}\r\n`;
}

function sizeOf(dice: Dice, size: number): string {
  const digits = size.toString(16);
  return dice.pick(["", "", "", "0", "000"]) + (dice.chance(0.5) ? digits : digits.toUpperCase());
}

function extensionOf(dice: Dice): string {
  return dice.chance(0.9)
    ? ""
    : dice.pick([";a", ";a=b", ';a="b"', ';a="b;\\"c"', ";a;b=c", `;${dice.text(tokenCharacters, 5)}`]);
}

const nastyBytes = '\0\t\n\r \x0b\x0c\x1f\x7f\x80\xff:;,"#/\\@=+-0123456789aFgx';
const nastyLines = [
  "Content-Length: 5",
  "Content-Length: +5",
  "Content-Length: 5, 5",
  "Content-Length : 5",
  "Content-Length: 0x5",
  "Content-Length: 18446744073709551617",
  "Content-Length:",
  "Content_Length: 5",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: chunked, gzip",
  "Transfer-Encoding: identity",
  "Transfer-Encoding:\x0bchunked",
  "Transfer-Encoding : chunked",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding:",
  " Transfer-Encoding: chunked",
  "Host: a",
  "Host: b",
  "Host: a/b",
  "Connection: close",
  "Expect: x",
  "Expect: 100-continue",
  "Upgrade: x",
  "X",
  ": x",
  " folded",
  "\tfolded: x",
  "GET / HTTP/1.1",
  "0",
  "",
];
const nastyEnds = ["\n", "\r", "\r\r\n", " \r\n", "\r\n ", "\r\n\t", "\r\n\r\n", "", "\n\r", "\0\r\n", "\t\r\n"];
const nastyStarts = ["\r\n", "\n", "\r", " ", "\0", "PRI * HTTP/2.0\r\n\r\n", "\r\n\r\n\r\n\r\n\r\n\r\n", "GET /\r\n"];
const nastyVersions = [
  "HTTP/0.9",
  "HTTP/1.2",
  "HTTP/2.0",
  "HTTP/3",
  "HTTP/1.1.1",
  "http/1.1",
  "HTTP/11",
  "HTTP/1.0",
  "RTSP/1.0",
  "ICE/1.0",
];
const nastyMethods = ["get", "CONNECT", "FOO", "G(T", "PRI", "SOURCE", "DESCRIBE", "OPTIONS", "QUERY", ""];
const nastyTargets = [
  "*",
  "a",
  "a:80",
  "http://a",
  "http://b/",
  "http://",
  "ftp://a/",
  "/#",
  "http://u@a/",
  "/ /",
  "//",
  "",
  "http://a:80:80/",
];

type Mutation = (dice: Dice, text: string) => string;

const mutations: readonly Mutation[] = [
  // A byte that goes, comes, comes twice, or becomes another; two that change their places; a half.
  (dice, text) => splice(text, dice.int(text.length), 1, ""),
  (dice, text) => splice(text, dice.int(text.length + 1), 0, dice.text(nastyBytes, 1 + dice.int(2))),
  (dice, text) => splice(text, dice.int(text.length), 1, dice.text(nastyBytes, 1)),
  (dice, text) => splice(text, dice.int(text.length), 0, text[dice.int(text.length)] ?? ""),
  (dice, text) => swap(text, dice.int(text.length - 1)),
  (dice, text) => text.slice(0, dice.int(text.length)),
  // Lines.
  (dice, text) => withLine(dice, text, (line) => [line, line]),
  (dice, text) => withLine(dice, text, () => []),
  (dice, text) => withLine(dice, text, (line) => [dice.pick(nastyLines), line]),
  (dice, text) => withLine(dice, text, (line) => [line, dice.pick(nastyLines)]),
  (dice, text) => withLine(dice, text, (line) => [dice.text(nastyBytes, 1) + line]),
  (dice, text) => withLine(dice, text, (line) => [line + dice.text(nastyBytes, 1)]),
  (dice, text) => replaceOne(dice, text, /\r\n/g, () => dice.pick(nastyEnds)),
  (dice, text) => dice.pick(nastyStarts) + text,
  // What lines consist of.
  (dice, text) => replaceOne(dice, text, /:/g, () => dice.pick(["", " :", "\t:", "::", ":\0", ":\x0b", ";"])),
  (dice, text) => replaceOne(dice, text, / /g, () => dice.pick(["", "  ", "\t", "\x0b", "\xa0"])),
  (dice, text) =>
    replaceOne(dice, text, /\d+/g, () =>
      dice.pick([
        "0",
        "1",
        "7",
        "f",
        "-1",
        "+2",
        "0x3",
        "1e1",
        "4294967297",
        "ffffffffffffffff",
        "00000000000000000001",
      ]),
    ),
  (dice, text) => replaceOne(dice, text, /HTTP\/1\.\d/g, () => dice.pick(nastyVersions)),
  (dice, text) => replaceOne(dice, text, /(?<=^|\n)[A-Z]+(?= )/g, () => dice.pick(nastyMethods)),
  (dice, text) => replaceOne(dice, text, /(?<=[A-Z] )\S+(?= HTTP)/g, () => dice.pick(nastyTargets)),
  (dice, text) =>
    replaceOne(dice, text, /chunked/gi, () =>
      dice.pick([
        "gzip",
        "chunked, chunked",
        "gzip, chunked",
        "chunked, gzip",
        "chunked;a",
        ",chunked",
        '"chunked"',
        "chunked\t",
        "chunke",
        "",
      ]),
    ),
  (dice, text) =>
    replaceOne(dice, text, /(?<=\n[0-9A-Fa-f]+)(?=\r\n)/g, () =>
      dice.pick([
        ";",
        ";a=",
        " ;a",
        "; a",
        ";a = b",
        ';a="',
        ';a="\n"',
        ';a="\x00"',
        ";=b",
        " ",
        "\t",
        ";a ",
        ";\0",
        ";a=b c",
      ]),
    ),
  // Sizes that a number of 32 or 64 bits, or one with a fraction, takes for small ones.
  (dice, text) =>
    replaceOne(dice, text, /(?<=\n)[0-9A-Fa-f]+(?=[\r;])/g, (size) => `1${size.padStart(dice.pick([8, 14, 16]), "0")}`),
  (dice, text) =>
    replaceOne(dice, text, /(?<=length: )\d{1,3}(?=\r)/gi, (size) =>
      String(BigInt(size) + 2n ** dice.pick([32n, 53n, 64n])),
    ),
  // The same headers in another version.
  (dice, text) => text + text.replaceAll(/HTTP\/1\.\d/g, () => dice.pick(["HTTP/1.0", "HTTP/1.1"])),
];

function mutate(dice: Dice, text: string): string {
  return text.length < 2 ? text : dice.pick(mutations)(dice, text);
}

function splice(text: string, at: number, count: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + count);
}

function swap(text: string, at: number): string {
  return splice(
    text,
    at,
    2,
    text
      .slice(at, at + 2)
      .split("")
      .toReversed()
      .join(""),
  );
}

function withLine(dice: Dice, text: string, change: (line: string) => string[]): string {
  const all = text.split("\r\n");
  const at = dice.int(all.length);
  return all.toSpliced(at, 1, ...change(all[at] ?? "")).join("\r\n");
}

function replaceOne(dice: Dice, text: string, pattern: RegExp, change: (old: string) => string): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const { index, 0: old } = dice.pick(found);
  return splice(text, index, old.length, change(old));
}
