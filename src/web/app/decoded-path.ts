import { BadRequest } from "../errors/statuses.ts";
import { decodePath } from "../routing/decode-path.ts";

/** The decoded path, or the answer to one that cannot be decoded. */
export function decodedOrError(encoded: string): string | BadRequest {
  try {
    return decodePath(encoded);
  } catch (cause) {
    return new BadRequest((cause as Error).message, { cause });
  }
}
