import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { findHoles, type Hole } from "./_html-holes.ts";
import { Html, type HtmlValue, render } from "./_html-render.ts";
import { type HtmlStreamValue, isAsyncValue, streamTemplateHtml } from "./_html-stream.ts";
import { checkUrl } from "./_html-urls.ts";

export { Html, type HtmlItems, type HtmlValue, isHtml } from "./_html-render.ts";
export type { HtmlStreamItems, HtmlStreamValue } from "./_html-stream.ts";

const holesOf = new WeakMap<TemplateStringsArray, readonly Hole[]>();

/**
 * Makes HTML from a template. What stands in its holes is escaped, unless it is HTML itself, made by `html` or `raw`.
 *
 * Escaping makes text safe between tags and within quotes. Where it could not, inside a tag, in an attribute without
 * quotes or one that is code (`onclick`, `style`, `srcdoc`), a script, a style or a comment, only numbers and HTML are
 * taken. An address in `href`, `src`, `action`, `formaction` or `xlink:href` that would run code, as `javascript:…` does,
 * is refused.
 *
 * With a promise or an async iterable in a hole it makes a stream of HTML, which a view may return: what stands before it
 * is sent while it is waited for. The stream can stand in a hole of another one.
 *
 * @throws {TypeError} If a value is none that a hole can show, if text stands where escaping does not make it safe, or an
 *   address would run code; a stream throws it when it is read.
 * @example
 * const names = ["Ann", "<Bob>"];
 * const list = html`<ul title="${'"all"'}">${names.map((name) => html`<li>${name}</li>`)}</ul>`;
 * console.log(String(list)); // <ul title="&#34;all&#34;"><li>Ann</li><li>&#60;Bob&#62;</li></ul>
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/", () => html`<h1>Names</h1>${sleep(1, "<Ann>")}`);
 * console.log((await app.testClient().get("/")).text()); // <h1>Names</h1>&#60;Ann&#62;
 */
export function html(pieces: TemplateStringsArray, ...values: readonly HtmlValue[]): Html;
/** HTML with promises or async iterables in it: a stream, whose parts leave as soon as they are there. */
export function html(
  pieces: TemplateStringsArray,
  ...values: readonly HtmlStreamValue[]
): AsyncGenerator<Html, void, void>;
export function html(
  pieces: TemplateStringsArray,
  ...values: readonly HtmlStreamValue[]
): Html | AsyncGenerator<Html, void, void> {
  const holes = holesOf.get(pieces) ?? prepare(pieces);
  if (values.some(isAsyncValue)) return streamTemplateHtml(pieces, holes, values);
  let text = pieces[0] ?? "";
  for (let i = 0; i < values.length; i++) {
    const hole = holes[i] as Hole;
    const shown = render(values[i], hole, pieces[i] as string);
    if (hole === "url") checkUrl(values[i], text, shown, pieces[i + 1] as string);
    text += shown + (pieces[i + 1] as string);
  }
  return new Html(text);
}

/**
 * Says of text that it is HTML, and safe: it is not escaped. Never say so of what comes from outside.
 *
 * @throws {TypeError} If `text` is not a string.
 * @example
 * console.log(String(html`<p>${raw("<b>bold</b>")}</p>`)); // <p><b>bold</b></p>
 */
export function raw(text: string): Html {
  if (typeof text === "string") return new Html(text);
  throw wrongType("make HTML", "'text' must be a string", text, showKind);
}

function prepare(pieces: TemplateStringsArray): readonly Hole[] {
  if (!Array.isArray((pieces as Partial<TemplateStringsArray> | undefined)?.raw)) {
    throw new TypeError("Cannot make HTML as `html` must stand before a template: use raw() for text that is HTML");
  }
  const holes = findHoles(pieces);
  holesOf.set(pieces, holes);
  return holes;
}
