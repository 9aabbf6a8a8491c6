const tokenSyntax = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const badValueSyntax = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Whether a text is a token: a word as which the name of a header, a method or the name of a cookie may stand.
 *
 * @example
 * console.log(isToken("Content-Type"), isToken("Content Type")); // true false
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
 */
export function isToken(name: string): boolean {
  return tokenSyntax.test(name);
}

/**
 * Whether a text may be the value of a header: visible characters of Latin-1, blanks and tabs. A line
 * break in it would let its author add headers, or a whole message.
 *
 * @example
 * console.log(isFieldValue("a; b=1"), isFieldValue("a\r\nSet-Cookie: b=1")); // true false
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.5
 */
export function isFieldValue(value: string): boolean {
  return !badValueSyntax.test(value);
}
