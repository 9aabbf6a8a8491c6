/**
 * @internal Decodes a part of a request target. Bytes that a client sent without encoding them, as curl does, are read as
 * the UTF-8 that they are.
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
