/** How deeply a JSON text from outside may be nested. What walks over its value needs a frame of the stack for each level. */
export const deepestJSON = 1_000;

const quote = 0x22;
const backslash = 0x5c;

/** Whether a JSON text is nested more than {@link deepestJSON} deep. A short text cannot be, and is not looked at. */
export function isTooDeep(text: string): boolean {
  if (text.length <= 2 * deepestJSON) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at + 1);
    // `[` and `{`, `]` and `}` differ in this bit only.
    else if ((code | 0x20) === 0x7b && ++depth > deepestJSON) return true;
    else if ((code | 0x20) === 0x7d) depth--;
  }
  return false;
}

/** The place of the quote that ends a string; that after the text if there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash && end - 1 - slashes >= start) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
