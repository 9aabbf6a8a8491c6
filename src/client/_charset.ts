const utf8 = new TextDecoder();

/**
 * The text of a body: by the byte order mark that it begins with, else by the charset of its `Content-Type`, else as
 * UTF-8. What cannot be decoded becomes U+FFFD.
 */
export function textOf(bytes: Uint8Array, contentType: string | undefined): string {
  const charset = charsetOfMark(bytes) ?? charsetOf(contentType);
  return charset === undefined ? utf8.decode(bytes) : decoderFor(charset).decode(bytes);
}

function charsetOfMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}

function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1];
}

// Servers name charsets that nobody knows.
function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return utf8;
  }
}
