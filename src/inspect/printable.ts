const longest = 200;
// What speaks to a terminal, ends a line, or turns the direction of what follows.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text from anywhere, such as the path of a request, made fit to stand in a line: escaped, and not too long. */
export function printable(text: string): string {
  const escaped = text.slice(0, longest).replace(unprintable, escape);
  return text.length > longest ? `${escaped}…` : escaped;
}

function escape(character: string): string {
  return `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`;
}
