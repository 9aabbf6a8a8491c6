import { toPrintable } from "../http/index.ts";

const longest = 200;

/**
 * Makes untrusted text, such as the path of a request, safe to print in a line: control characters are escaped, and
 * long text is shortened.
 */
export function printable(text: string): string {
  const escaped = toPrintable(text.slice(0, longest));
  return text.length > longest ? `${escaped}…` : escaped;
}
