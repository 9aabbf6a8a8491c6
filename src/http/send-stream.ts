import { wrongType } from "../base/refusal.ts";
import { showKind } from "../base/show.ts";
import { ContentLengthError } from "./errors.ts";

/** Sends one piece; returns a promise if the next one must wait for room. */
export type SendChunk = (chunk: Uint8Array) => Promise<void> | undefined;

/**
 * Sends an async iterable piece by piece, no faster than the client takes it. It is closed if anything fails or the
 * task is cancelled.
 *
 * @param declaredLength How many bytes it must have, if that was said in the head.
 * @throws {TypeError} If a piece is neither a string nor bytes.
 * @throws {ContentLengthError} If there are more or fewer bytes than declared.
 * @throws Whatever the iterable or `send` throws.
 */
export async function sendStream(
  body: AsyncIterable<string | Uint8Array>,
  declaredLength: number | undefined,
  send: SendChunk,
): Promise<void> {
  let length = 0;
  for await (const piece of body) {
    const chunk = toBytes(piece);
    length += chunk.byteLength;
    if (declaredLength !== undefined && length > declaredLength)
      throw new ContentLengthError(declaredLength, `at least ${length}`);
    if (chunk.byteLength > 0) await send(chunk);
  }
  if (declaredLength !== undefined && length < declaredLength) throw new ContentLengthError(declaredLength, length);
}

/** The bytes of a string or of bytes. */
export function toBytes(piece: string | Uint8Array): Uint8Array {
  if (typeof piece === "string") return Buffer.from(piece);
  if (piece instanceof Uint8Array) return piece;
  throw wrongType("send a piece of the body", "it must be a string or bytes", piece, showKind);
}
