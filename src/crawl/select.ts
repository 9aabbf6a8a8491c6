import type { AnyNode, Document, Element } from "domhandler";
import { cannot, wrongType } from "../base/refusal.ts";
import { showKind } from "../base/show.ts";
import { HtmlFeeder, withoutMarks } from "./_html-feeder.ts";
import { cssSelect, domHandler, domUtils, htmlParser } from "./_select-packages.ts";

/**
 * An element of a page that {@link select} found.
 *
 * @example
 * const [link] = select('<p><a href="/next">Next <b>page</b></a>', "a");
 * console.log(link?.name, link?.attr("href"), link?.text()); // a /next Next page
 */
export class SelectedElement {
  /** The tag name in lower case: `a`. */
  readonly name: string;
  readonly #element: Element;

  /** @internal Made by {@link select}. */
  constructor(element: Element) {
    this.name = element.name;
    this.#element = element;
  }

  /** The text of the element and the elements in it, without white space at both ends. */
  text(): string {
    return Buffer.from(domUtils().textContent(this.#element).trim()).toString();
  }

  /** The value of an attribute; `undefined` if the element does not have the attribute. */
  attr(name: string): string | undefined {
    return domUtils().getAttributeValue(this.#element, name.toLowerCase());
  }

  /**
   * The elements within this one that a CSS selector matches, in the order of the page.
   *
   * @throws {SyntaxError} If the selector is invalid.
   */
  select(css: string): SelectedElement[] {
    return selectIn(this.#element, css);
  }
}

/**
 * The elements of a page that a CSS selector matches, in the order of the page.
 *
 * @param html The page; bytes are decoded as UTF-8.
 * @throws {SyntaxError} If the selector is invalid.
 * @throws {TypeError} If `html` is neither a string nor bytes.
 * @example
 * const page = "<ul><li>one<li class=new>two</ul>";
 * console.log(select(page, "li.new").map((item) => item.text())); // [ 'two' ]
 * @see https://www.w3.org/TR/selectors-4/
 */
export function select(html: string | Uint8Array, css: string): SelectedElement[] {
  if (typeof html !== "string" && !(html instanceof Uint8Array)) {
    throw wrongType("select", "a string or bytes are needed", html, showKind);
  }
  return selectIn(parsePage(typeof html === "string" ? html : new TextDecoder().decode(html)), css);
}

function parsePage(html: string): Document {
  // Defined here, because the package with the base class is loaded only now.
  class PageHandler extends domHandler().DomHandler {
    override onopentag(name: string, attributes: Record<string, string>): void {
      super.onopentag(name, attributes);
      feeder.noteOpenTag(name);
    }

    override ontext(data: string): void {
      super.ontext(withoutMarks(data));
    }
  }

  const handler = new PageHandler();
  const feeder = new HtmlFeeder(new (htmlParser().Parser)(handler));
  feeder.write(html);
  feeder.end();
  return handler.root;
}

function selectIn(root: Document | Element, css: string): SelectedElement[] {
  try {
    return cssSelect()
      .selectAll<AnyNode, Element>(css, root)
      .map((element) => new SelectedElement(element));
  } catch (cause) {
    const rule = `the selector cannot be read: ${(cause as Error).message}`;
    throw new SyntaxError(cannot("select", rule, css), { cause });
  }
}
