import { MIMEType } from "node:util";

/** What a `Content-Type` says. */
export interface MediaType {
  /** Type and subtype in lower case: `text/html`. */
  readonly essence: string;
  /** The parameters, their names in lower case: `charset`, `boundary`. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Reads the value of a `Content-Type` header.
 *
 * @returns `undefined` if there is none, or it is not a media type.
 * @example
 * const type = parseMediaType("Text/HTML; charset=utf-8");
 * console.log(type?.essence, type?.parameters.get("charset")); // text/html utf-8
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.3
 */
export function parseMediaType(header: string | undefined): MediaType | undefined {
  const type = header === undefined ? undefined : readType(header);
  return type && { essence: type.essence, parameters: new Map(type.params) };
}

function readType(header: string): MIMEType | undefined {
  try {
    return new MIMEType(header);
  } catch {
    // It is none: that is what the caller is told.
    return undefined;
  }
}
