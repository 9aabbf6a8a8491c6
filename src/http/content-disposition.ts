/**
 * Writes the value of a `Content-Disposition` header that has a browser save a response under a name. A name that is not
 * ASCII is said twice, for old clients with `_` in place of what they could not read.
 *
 * @param filename Any text. Folders in it are for the browser to ignore.
 * @example
 * console.log(contentDisposition("year 2024.csv")); // attachment; filename="year 2024.csv"
 * console.log(contentDisposition("é.txt")); // attachment; filename="_.txt"; filename*=UTF-8''%C3%A9.txt
 * @see https://www.rfc-editor.org/rfc/rfc6266
 */
export function contentDisposition(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]/gu, "_").replace(/["\\]/g, "\\$&");
  const said = `attachment; filename="${plain}"`;
  // A `%` in the plain form is read as an escape by some.
  if (!/[^\x20-\x7e]|%/.test(filename)) return said;
  return `${said}; filename*=UTF-8''${encodeExtended(filename)}`;
}

function encodeExtended(text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed());
  return encoded.replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
