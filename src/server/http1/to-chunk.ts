import { CR, LF } from "./octets.ts";

/**
 * A piece of a body as a chunk: its length in hexadecimal digits, a line break, its bytes, and a line break.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 */
export function toChunk(chunk: Uint8Array): Uint8Array {
  const size = chunk.byteLength.toString(16);
  const framed = Buffer.allocUnsafe(size.length + chunk.byteLength + 4);
  let at = framed.write(size, 0, "latin1");
  framed[at++] = CR;
  framed[at++] = LF;
  framed.set(chunk, at);
  at += chunk.byteLength;
  framed[at++] = CR;
  framed[at] = LF;
  return framed;
}
