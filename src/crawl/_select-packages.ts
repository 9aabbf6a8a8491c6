// The packages that select() needs. They are loaded when it is first called: otherwise a program that uses only
// `titles()` would take a quarter longer to start.

import type * as CssSelect from "css-select";
import type * as DomHandler from "domhandler";
import type * as DomUtils from "domutils";
import type * as HtmlParser from "htmlparser2";

const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);

/** @internal Finds the elements that a selector matches. */
export function cssSelect(): typeof CssSelect {
  return require("css-select") as typeof CssSelect;
}

/** @internal Builds the tree of a page. */
export function domHandler(): typeof DomHandler {
  return require("domhandler") as typeof DomHandler;
}

/** @internal Reads texts and attributes. */
export function domUtils(): typeof DomUtils {
  return require("domutils") as typeof DomUtils;
}

/** @internal Parses a page. */
export function htmlParser(): typeof HtmlParser {
  return require("htmlparser2") as typeof HtmlParser;
}
