import { CharsetAccept, EncodingAccept, LanguageAccept, MimetypeAccept } from "../negotiation/accept.ts";
import { type Authorization, parseAuthorization } from "../negotiation/authorization.ts";
import { parseRange, type RequestRange } from "../negotiation/byte-ranges.ts";
import { CacheControl } from "../negotiation/cache-control.ts";
import { type ConditionalRequest, type IfRange, parseIfRange } from "../negotiation/conditions.ts";
import { EntityTags } from "../negotiation/entity-tags.ts";
import { toDate } from "../negotiation/http-date.ts";
import { RequestHead } from "./request-head.ts";

/**
 * What a client says of the response that it wants: types, languages, conditions and parts. Each is read from the headers when
 * it is asked for; a header that is malformed is as if it were not there.
 */
export abstract class NegotiatedRequest extends RequestHead implements ConditionalRequest {
  /** The media types that the client accepts: `request.acceptMimetypes.bestMatch(["text/html", "application/json"])`. */
  get acceptMimetypes(): MimetypeAccept {
    return new MimetypeAccept(this.#joined("accept"));
  }

  /** The languages that the client accepts. */
  get acceptLanguages(): LanguageAccept {
    return new LanguageAccept(this.#joined("accept-language"));
  }

  /** The content codings that the client accepts. */
  get acceptEncodings(): EncodingAccept {
    return new EncodingAccept(this.#joined("accept-encoding"));
  }

  /** The character sets that the client accepts. Browsers do not send that any more. */
  get acceptCharsets(): CharsetAccept {
    return new CharsetAccept(this.#joined("accept-charset"));
  }

  /** What the client says of itself; `undefined` if it says nothing, or it cannot be read. Nothing of it is checked. */
  get authorization(): Authorization | undefined {
    return parseAuthorization(this.headers.get("authorization"));
  }

  /** The directives of `Cache-Control`. */
  get cacheControl(): CacheControl {
    return new CacheControl(this.headers);
  }

  /** The tags of `If-Match`; `undefined` if there is none. */
  get ifMatch(): EntityTags | undefined {
    return this.#tags("if-match");
  }

  /** The tags of `If-None-Match`; `undefined` if there is none. */
  get ifNoneMatch(): EntityTags | undefined {
    return this.#tags("if-none-match");
  }

  /** The date of `If-Modified-Since`; `undefined` if there is none, or it is not a date of HTTP. */
  get ifModifiedSince(): Date | undefined {
    return toDate(this.#joined("if-modified-since"));
  }

  /** The date of `If-Unmodified-Since`; `undefined` if there is none, or it is not a date of HTTP. */
  get ifUnmodifiedSince(): Date | undefined {
    return toDate(this.#joined("if-unmodified-since"));
  }

  /** The tag or the date of `If-Range`; `undefined` if there is none. */
  get ifRange(): IfRange | undefined {
    const header = this.#joined("if-range");
    return header === undefined ? undefined : parseIfRange(header);
  }

  /** The parts of the body that the client asks for; `undefined` if it asks for all of it. */
  get range(): RequestRange | undefined {
    return parseRange(this.#joined("range"));
  }

  #tags(name: string): EntityTags | undefined {
    const header = this.#joined(name);
    return header === undefined ? undefined : new EntityTags(header);
  }

  /** A header that is a list may come in several lines. */
  #joined(name: string): string | undefined {
    const values = this.headers.getAll(name);
    return values.length === 0 ? undefined : values.join(", ");
  }
}
