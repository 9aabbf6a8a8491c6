import type { RawHeaders } from "../../http/index.ts";
import { phraseOf } from "../../http/index.ts";

/** The status lines that were sent, by status. */
const statusLines: string[] = [];

let dateLine = "";
let dateUntil = 0;

/**
 * The head of a response, with `Date` unless the application gave one. `lines` are whole lines of the server's own.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-4
 */
export function formatHead(status: number, headers: RawHeaders, lines: string): string {
  let head = (statusLines[status] ??= `HTTP/1.1 ${status} ${phraseOf(status)}\r\n`);
  let hasDate = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    if (name.length === 4 && name.toLowerCase() === "date") hasDate = true;
    head += `${name}: ${headers[i + 1]}\r\n`;
  }
  return `${head}${hasDate ? "" : currentDateLine()}${lines}\r\n`;
}

/** Headers or trailers as lines, each with its end. */
export function formatLines(fields: RawHeaders): string {
  let lines = "";
  for (let i = 0; i < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return lines;
}

/** The line `Date: …` of this second, with its end. */
export function currentDateLine(): string {
  const now = Date.now();
  // A clock can be set back.
  if (now < dateUntil && now >= dateUntil - 1_000) return dateLine;
  dateUntil = now - (now % 1_000) + 1_000;
  dateLine = `Date: ${new Date(now).toUTCString()}\r\n`;
  return dateLine;
}
