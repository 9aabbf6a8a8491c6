const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * Whether the first bytes of a client are those of HTTP/2; "maybe" while they are too few to tell.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-3.4
 */
export function beginsHttp2(bytes: Buffer): "yes" | "no" | "maybe" {
  // Most clients send a whole request at once, whose second byte tells.
  if (bytes[0] !== 0x50 || (bytes.length > 1 && bytes[1] !== 0x52)) return "no";
  const length = Math.min(bytes.length, preface.length);
  if (bytes.compare(preface, 0, length, 0, length) !== 0) return "no";
  return length === preface.length ? "yes" : "maybe";
}
