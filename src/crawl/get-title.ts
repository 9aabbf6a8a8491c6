import { wrongType } from "../base/refusal.ts";
import { showKind } from "../base/show.ts";
import { ByteTitleScanner } from "./_byte-title-scanner.ts";
import { readable, TitleScanner } from "./_title-scanner.ts";

// The size of the pieces in which a page is searched; the title is usually in the first one.
const slice = 16_384;

/**
 * The title of a page as a browser shows it: with entities decoded, and white space collapsed to single blanks.
 * `undefined` if the page has no title or an empty one. The title of an SVG drawing in the page does not count.
 *
 * The charset of bytes is determined by the byte order mark, else by the `<meta charset>` at the beginning of the page,
 * else it is UTF-8, or windows-1252 if the bytes are not valid UTF-8. The page is read only up to the end of the title,
 * or up to 512 KiB if there is no title.
 *
 * @throws {TypeError} If `html` is neither a string nor bytes.
 * @example
 * console.log(getTitle("<html><title>Fish &amp;\n Chips</title><body>…")); // Fish & Chips
 * console.log(getTitle("<p>Nothing")); // undefined
 * @see https://html.spec.whatwg.org/multipage/dom.html#document.title
 */
export function getTitle(html: string | Uint8Array): string | undefined {
  if (html instanceof Uint8Array) return titleOfBytes(html);
  if (typeof html === "string") return titleOfText(html);
  throw wrongType("get a title", "a string or bytes are needed", html, showKind);
}

function titleOfText(html: string): string | undefined {
  const scanner = new TitleScanner();
  for (let at = 0; at < html.length && !scanner.isDone; at += slice) scanner.write(html.slice(at, at + slice));
  scanner.end();
  return scanner.raw === undefined ? undefined : readable(scanner.raw);
}

function titleOfBytes(html: Uint8Array): string | undefined {
  const scanner = new ByteTitleScanner();
  scanner.write(html);
  return scanner.title();
}
