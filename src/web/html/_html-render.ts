// What the holes of html show, and the class that it makes.

import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import type { Hole } from "./_html-holes.ts";
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

/** Whether a value is {@link Html}, even from another copy of this package. */
export function isHtml(value: unknown): value is Html {
  return typeof value === "object" && value !== null && brand in value;
}

/** The text of a value in a hole. `before` is the template's text before it, for errors. */
export function render(value: unknown, hole: Hole, before: string): string {
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
  return hole === "attribute" || hole === "url" || hole === "code" ? escapeQuotes(text) : text;
}

function renderText(text: string, hole: Hole, before: string): string {
  if (hole === "text" || hole === "attribute" || hole === "url") return escapeHtml(text);
  const reason =
    hole === "markup"
      ? "it is neither between tags nor in quotes, where escaping makes text safe"
      : "its attribute is code, which escaping does not make safe";
  throw wrongType(`put text ${locate(before)}`, reason, text);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

/** Where a value stands, for errors. */
export function locate(before: string): string {
  return `after ${JSON.stringify(before.slice(-40))}`;
}
