// Control, format and surrogate characters, and the two separators that end a line.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text from outside, made fit for one line of a log or terminal: each character that ends a line, that a terminal obeys
 * or that hides or turns what follows is written as its escape.
 *
 * @example
 * console.log(toPrintable("two\nlines")); // two\u000alines
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
export function toPrintable(text: string): string {
  return text.replace(unprintable, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}
