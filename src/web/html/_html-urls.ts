// Addresses that run code: `javascript:…`, `vbscript:…`, and documents in `data:…`. A browser decodes the entities of an
// attribute, drops control characters before an address, and tabs and line breaks anywhere in it; so does this.
//
// See https://url.spec.whatwg.org/#concept-basic-url-parser

import { wrongType } from "../../base/refusal.ts";

const entity = /&(?:#x([0-9a-f]+)|#(\d+)|(colon|tab|newline|sol|comma|semi|plus));?/gi;
const names: Readonly<Record<string, string>> = {
  colon: ":",
  tab: "\t",
  newline: "\n",
  sol: "/",
  comma: ",",
  semi: ";",
  plus: "+",
};
const running = /^(?:javascript:|vbscript:|data:[^,]*(?:html|xml))/;

/**
 * Checks an address of which one part is a value.
 *
 * @param before The HTML before it, from which the beginning of the attribute is read.
 * @param shown The value as it is shown.
 * @param after The text of the template after it.
 * @throws {TypeError} If the address runs code, and the value is not a number.
 */
export function checkUrl(value: unknown, before: string, shown: string, after: string): void {
  if (typeof value === "number" || typeof value === "bigint" || shown === "") return;
  const end = after.search(/["']/);
  const rest = shown + (end < 0 ? after : after.slice(0, end));
  // The attribute begins at the last quote of its own kind, as what was put into it has none; the other kind may be part of
  // it, or belong to an attribute before.
  const runs = ['"', "'"].some((quote) => running.test(normalize(before.slice(before.lastIndexOf(quote) + 1) + rest)));
  if (!runs) return;
  throw wrongType("put an address into HTML", "it would run code there", value);
}

function normalize(address: string): string {
  // The beginning decides: a long address is not decoded as a whole.
  const decoded = address.slice(0, 10_000).replace(entity, (_, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return names[name.toLowerCase()]!;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
  });
  // These are what a browser drops.
  return decoded.replace(/[\0-\x20\x7f-\x9f\ufffd]/g, "").toLowerCase();
}
