import { type CookieOptions, formatSetCookie, type HeaderList, type RawHeaders } from "../../http/index.ts";
import type { ResponseBody } from "../../http/index.ts";
import { crypto } from "../../base/node.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import type { ConditionalRequest } from "../negotiation/conditions.ts";
import { formatEntityTag } from "../negotiation/entity-tags.ts";
import { partsOf } from "./_part-source.ts";
import { applyConditions } from "./conditional-response.ts";
import { ResponseHead } from "./response-head.ts";

/** The number of bytes of name, value and attributes that every browser keeps. */
const maxCookieSize = 4093;

/** Path and domain of a cookie that is removed: with others it is another cookie. */
export type DeleteCookieOptions = Omit<CookieOptions, "maxAge" | "expires">;

/** Options of {@link HttpResponse.addEtag}. */
export interface EtagOptions {
  /**
   * Whether the tag is weak: responses that have it may differ in bytes, but mean the same.
   * @default false
   */
  readonly weak?: boolean;
  /**
   * Whether a tag that is there is replaced.
   * @default false
   */
  readonly overwrite?: boolean;
}

/** Options of {@link HttpResponse.makeConditional}. */
export interface ConditionalOptions {
  /**
   * Whether parts of the body are sent to a client that asks for them.
   * @default false
   */
  readonly acceptRanges?: boolean;
  /**
   * The size of the body in bytes, if it is a stream: without it, no parts of a stream are sent.
   * @default none
   */
  readonly completeLength?: number;
}

/** A response, made by `makeResponse()`. It can be changed until the view returns it. */
export class HttpResponse extends ResponseHead {
  /** The body. */
  body: ResponseBody;
  /**
   * Gives the headers that are sent behind the body, a flat list, once a stream is over. Over HTTP/1.1 a client gets them only
   * if its request says `TE: trailers`.
   * @default `undefined`: there are none
   */
  trailers: (() => RawHeaders) | undefined;
  #timeout: number | undefined;

  constructor(body: ResponseBody, status: number, headers: HeaderList) {
    super(status, headers);
    this.body = body;
  }

  /**
   * Time limit, in milliseconds, within which the response must have left, counted from its beginning; `undefined` for the
   * limits of the request and the server alone. A response that takes longer is cut off, so that the client does not take the
   * part for the whole.
   *
   * @throws {RangeError} If it is set to a number that is not above 0.
   * @throws {TypeError} If it is set to what is not a number.
   */
  get timeout(): number | undefined {
    return this.#timeout;
  }

  set timeout(ms: number | undefined) {
    this.#timeout = ms === undefined ? undefined : option("limit a response", "timeout", ms).milliseconds({ above: 0 });
  }

  /**
   * Sets the `ETag` header, by which a client asks whether it has the current version.
   *
   * @param text The text of the tag, without quotes.
   * @throws {TypeError} If a tag cannot have such a text.
   */
  setEtag(text: string, { weak = false }: { readonly weak?: boolean } = {}): this {
    this.headers.set("ETag", formatEntityTag(text, weak));
    return this;
  }

  /**
   * Sets the `ETag` header to one made of the body, unless there is one.
   *
   * @throws {TypeError} If the body is a stream: use {@link setEtag} with a tag of its version.
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/", (_, request) => makeResponse("Hello").addEtag().makeConditional(request));
   * const client = app.testClient();
   * const etag = (await client.get("/")).headers.get("etag") ?? "";
   * console.log((await client.get("/", { headers: { "If-None-Match": etag } })).status); // 304
   */
  addEtag({ weak = false, overwrite = false }: EtagOptions = {}): this {
    if (!overwrite && this.headers.has("ETag")) return this;
    const { body } = this;
    if (typeof body !== "string" && !(body instanceof Uint8Array)) {
      throw wrongType("add an ETag", "the body must be a string or bytes", body, showKind);
    }
    return this.setEtag(crypto().createHash("sha256").update(body).digest("base64url").slice(0, 27), { weak });
  }

  /**
   * Makes a response with the status 200 what the conditions of a GET or HEAD request ask for: 304 if the client has this
   * version, 412 without a body if it demands another one, and 206 with the parts that it asks for. Call it last: it compares
   * the `ETag` and `Last-Modified` that are there.
   *
   * @throws {RangeNotSatisfiable} If the body has no such part.
   * @throws {RangeError} If `completeLength` is not a whole number >= 0.
   * @see https://www.rfc-editor.org/rfc/rfc9110#section-13
   */
  makeConditional(request: ConditionalRequest, options: ConditionalOptions = {}): this {
    const { acceptRanges = false, completeLength } = options;
    if (completeLength !== undefined)
      option("make it conditional", "completeLength", completeLength).count({ from: 0 });
    applyConditions(this, request, acceptRanges ? partsOf(this.body, completeLength) : undefined);
    return this;
  }

  /**
   * Sets a cookie. Unless `options` say otherwise it is sent to all of this site's paths, is hidden from scripts
   * (`HttpOnly`), is not sent with posts of other sites (`SameSite=Lax`), and is gone when the browser is closed.
   *
   * The user can read and change it: put nothing in it that the user must not see or change. A cookie of more than 4093
   * bytes, which browsers may drop, gives a warning.
   *
   * @throws The errors of {@link formatSetCookie}.
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/dark", () => makeResponse("It is dark").setCookie("theme", "dark", { maxAge: 86_400_000 }));
   * const response = await app.testClient().get("/dark");
   * console.log(response.headers.get("set-cookie")); // theme=dark; Max-Age=86400; HttpOnly; Path=/; SameSite=Lax
   */
  setCookie(name: string, value: string, options?: CookieOptions): this {
    const text = formatSetCookie(name, value, options);
    if (text.length > maxCookieSize) {
      process.emitWarning(`Cookie '${name}' has ${text.length} bytes: browsers may drop what is over ${maxCookieSize}`);
    }
    this.headers.append("Set-Cookie", text);
    return this;
  }

  /**
   * Removes a cookie.
   *
   * @param options Path and domain that it was set with.
   * @throws The errors of {@link formatSetCookie}.
   */
  deleteCookie(name: string, options: DeleteCookieOptions = {}): this {
    return this.setCookie(name, "", { ...options, expires: new Date(0), maxAge: 0 });
  }
}
