import { wrongType } from "../base/refusal.ts";
import { showKind } from "../base/show.ts";
import { ByteTitleScanner } from "./_byte-title-scanner.ts";
import { readable, TitleScanner } from "./_title-scanner.ts";

// No more is looked at at once, as the title is most likely at the beginning.
const slice = 16_384;

/**
 * The title of a page, as a browser shows it: entities decoded, white space made one blank. `undefined` if the page has
 * none, or an empty one. The title of a drawing (SVG) within the page does not count.
 *
 * Bytes are read by their byte order mark, else by the `<meta charset>` at the beginning of the page, else as UTF-8, or
 * windows-1252 if they are no UTF-8. It reads no further than the title's end, and 512 KiB if there is none.
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
