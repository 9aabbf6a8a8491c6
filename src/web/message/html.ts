import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { findHoles, type Hole } from "./_html-holes.ts";
import { escapeHtml, escapeQuotes } from "./escape-html.ts";

/**
 * A value for a hole of {@link html}. Text is escaped; `false`, `null` and `undefined` are nothing, so that
 * `${user && html`…`}` works; the items of an array or another iterable follow each other.
 */
export type HtmlValue = string | number | bigint | false | null | undefined | Html | HtmlItems;

/** Several values for one hole. */
export interface HtmlItems extends Iterable<HtmlValue> {}

const brand: unique symbol = Symbol.for("pottle.html") as never;

/** HTML that is known to be safe: made by {@link html}, or vouched for by {@link raw}. A view may return it. */
export class Html {
  readonly #text: string;

  /** @internal Use `html` or `raw`. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The HTML as text. */
  toString(): string {
    return this.#text;
  }

  /** The HTML as text. */
  toJSON(): string {
    return this.#text;
  }
}

Object.defineProperty(Html.prototype, brand, { value: true });

const holesOf = new WeakMap<TemplateStringsArray, readonly Hole[]>();

/**
 * Makes HTML from a template. What stands in its holes is escaped, unless it is HTML itself, made by `html` or `raw`.
 *
 * Escaping makes text safe between tags and within quotes. Where it could not, inside a tag, in an attribute without
 * quotes or one that is code (`onclick`, `style`, `srcdoc`), a script, a style or a comment, only numbers and HTML are
 * taken. An address from outside must be checked before it becomes a `href`: `javascript:…` needs no character that is
 * escaped.
 *
 * @throws {TypeError} If a value is none that a hole can show, such as a promise that was not awaited, or text stands
 *   where escaping does not make it safe.
 * @example
 * const names = ["Ann", "<Bob>"];
 * const list = html`<ul title="${'"all"'}">${names.map((name) => html`<li>${name}</li>`)}</ul>`;
 * console.log(String(list)); // <ul title="&#34;all&#34;"><li>Ann</li><li>&#60;Bob&#62;</li></ul>
 */
export function html(pieces: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const holes = holesOf.get(pieces) ?? prepare(pieces);
  let text = pieces[0] ?? "";
  for (let i = 0; i < values.length; i++) {
    text += render(values[i], holes[i] as Hole, pieces[i] as string) + (pieces[i + 1] as string);
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

/** Whether a value is {@link Html}, even from another copy of this package. */
export function isHtml(value: unknown): value is Html {
  return typeof value === "object" && value !== null && brand in value;
}

function prepare(pieces: TemplateStringsArray): readonly Hole[] {
  if (!Array.isArray((pieces as Partial<TemplateStringsArray> | undefined)?.raw)) {
    throw new TypeError("Cannot make HTML as `html` must stand before a template: use raw() for text that is HTML");
  }
  const holes = findHoles(pieces);
  holesOf.set(pieces, holes);
  return holes;
}

function render(value: unknown, hole: Hole, before: string): string {
  if (typeof value === "string") return renderText(value, hole, before);
  if (value === undefined || value === null || value === false) return "";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  // Only the prototype has the brand: nothing that was parsed from JSON can be taken for HTML.
  if (isHtml(value)) return renderHtml(value.toString(), hole);
  if (isIterable(value)) return Array.from(value, (item) => render(item, hole, before)).join("");
  const must = "it must be text, a number, HTML, nothing, or an iterable of these";
  throw wrongType(`put a value ${locate(before)}`, must, value, showKind);
}

function renderHtml(text: string, hole: Hole): string {
  // It is parsed twice there: what was escaped must still be so the second time.
  if (hole === "document") return escapeHtml(text);
  return hole === "attribute" || hole === "code" ? escapeQuotes(text) : text;
}

function renderText(text: string, hole: Hole, before: string): string {
  if (hole === "text" || hole === "attribute") return escapeHtml(text);
  const reason =
    hole === "markup"
      ? "it is neither between tags nor in quotes, where escaping makes text safe"
      : "its attribute is code, which escaping does not make safe";
  throw wrongType(`put text ${locate(before)}`, reason, text);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function locate(before: string): string {
  return `after ${JSON.stringify(before.slice(-40))}`;
}
