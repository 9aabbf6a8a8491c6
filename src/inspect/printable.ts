import { toPrintable } from "../http/index.ts";

const longest = 200;

/** Text from anywhere, such as the path of a request, made fit to stand in a line: escaped, and not too long. */
export function printable(text: string): string {
  const escaped = toPrintable(text.slice(0, longest));
  return text.length > longest ? `${escaped}…` : escaped;
}
