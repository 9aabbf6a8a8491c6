import { cannot } from "../../base/refusal.ts";
import { InvalidHeaderError, type RawHeaders } from "../../http/index.ts";

/** Headers that speak of a connection of HTTP/1.1. A response that has one of them is malformed. */
const forbidden: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);
const forbiddenLengths: ReadonlySet<number> = new Set([...forbidden].map((name) => name.length));

/** How many bytes a head may have. With more than 65_536 Node closes the connection; it adds the date. */
const largestHead = 65_000;
/** What a name or a value may take beyond its characters, as Node's library counts it. */
const textCost = 6;

/**
 * The head of a response as `node:http2` takes it: with its status, names in lower case, values without blanks around them,
 * and without headers that HTTP/2 forbids.
 *
 * @throws {InvalidHeaderError} If it has more bytes than can be sent.
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-8.2
 */
export function toResponseHead(status: number, headers: RawHeaders): string[] {
  return addFields([":status", String(status)], headers);
}

/**
 * Trailers, or the headers of an informational response, as `node:http2` takes those: as an object.
 *
 * @throws {InvalidHeaderError} If they have more bytes than can be sent.
 */
export function toFieldMap(headers: RawHeaders): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  const list = addFields([], headers);
  for (let i = 0; i + 1 < list.length; i += 2) (fields[list[i]!] ??= []).push(list[i + 1]!);
  return fields;
}

/**
 * Checks that headers can be sent.
 *
 * @throws {InvalidHeaderError} If they have more bytes than can be sent.
 */
export function checkSize(headers: RawHeaders): RawHeaders {
  let size = 0;
  for (const text of headers) size += text.length + textCost;
  if (size <= largestHead) return headers;
  const rule = `over HTTP/2 they must take at most ${largestHead} bytes, each counted with ${2 * textCost} more`;
  throw new InvalidHeaderError(cannot("send the headers", rule, size));
}

function addFields(head: string[], headers: RawHeaders): string[] {
  checkSize(headers);
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    if (forbiddenLengths.has(name.length) && forbidden.has(name)) continue;
    head.push(name, withoutBlanks(headers[i + 1] as string));
  }
  return head;
}

// Not trim(), which also removes characters that are not blanks in a header.
function withoutBlanks(value: string): string {
  return isBlank(value.at(0)) || isBlank(value.at(-1)) ? value.replaceAll(/^[ \t]+|[ \t]+$/g, "") : value;
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
