import { percentDecode } from "../../base/percent-decode.ts";
import { cannot } from "../../base/refusal.ts";

/** A path whose percent-encoding does not stand for text. */
export class PathDecodeError extends Error {
  override readonly name = "PathDecodeError";

  constructor(path: string, options?: ErrorOptions) {
    super(cannot("decode the path", "it must be percent-encoded UTF-8", path), options);
  }
}

/**
 * Decodes the path of a request target. It is decoded as a whole, before it is routed: `%2F` separates segments as
 * `/` does. Bytes that a client sent without encoding them, as curl does, are read as the UTF-8 that they are.
 *
 * @throws {PathDecodeError} If a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8.
 */
export function decodePath(path: string): string {
  try {
    return percentDecode(path);
  } catch (cause) {
    throw new PathDecodeError(path, { cause });
  }
}
