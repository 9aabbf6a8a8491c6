/**
 * @internal Decodes a part of a request target. Bytes that the client did not percent-encode, as curl does not, are
 * read as UTF-8.
 *
 * @throws {URIError} If a `%` is not followed by two hexadecimal digits, or the bytes are not UTF-8.
 */
export function percentDecode(text: string): string {
  if (/^[\x21-\x24\x26-\x7e]*$/.test(text)) return text;
  return decodeURIComponent(text.replace(/[\x80-\xff]/g, encodeByte));
}

function encodeByte(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16)}`;
}
