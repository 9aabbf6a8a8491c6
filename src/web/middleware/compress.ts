import { option } from "../../base/options.ts";
import { outOfRange } from "../../base/refusal.ts";
import { toBytes } from "../../http/index.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { HttpResponse } from "../message/http-response.ts";
import { EndlessBody, EndlessPieces } from "../events/endless.ts";
import { type ContentCoding, compressPieces, compressWhole } from "./coder.ts";
import { type Hooked, requireHooks } from "./hooked.ts";

/** Options of {@link compress}. */
export interface CompressOptions {
  /**
   * The content codings, in the order in which they are preferred if a client likes several as much.
   * @default ["zstd", "br", "gzip"]
   */
  readonly codings?: readonly ContentCoding[];
  /**
   * From how many bytes on a body is compressed. A stream always is.
   * @default 1_024
   */
  readonly minimumSize?: number;
  /**
   * Which media types are compressed.
   * @default text, JSON, XML, scripts, SVG, WebAssembly and their kin
   */
  readonly types?: (mediaType: string) => boolean;
}

const action = "set up compression";
const all: readonly ContentCoding[] = ["zstd", "br", "gzip"];
const compressible =
  /^(?:text\/|application\/(?:json|javascript|xml|wasm|manifest\+json|problem\+json|x-ndjson|rtf)|[^/]+\/[^/]+\+(?:json|xml|text)$|image\/(?:svg\+xml|bmp|x-icon)|font\/(?:otf|ttf|collection))/;
const withoutBody: ReadonlySet<number> = new Set([204, 205, 206, 304]);

/**
 * Compresses responses for clients that take it: whole bodies of at least 1 kB in a thread of Node's; streams piece by piece,
 * each of which leaves at once, so that events arrive when they are sent. An `ETag` becomes weak, and `Vary` says that the
 * response depends on `Accept-Encoding`.
 *
 * What is compressed tells by its size what is in it: a page with a secret, next to text that an attacker chooses, lets the
 * secret be guessed (BREACH). So a response that sets a cookie is left as it is if its request has a query or a body, which are
 * where such text comes from. Leave a response alone by `Cache-Control: no-transform`, or by a `Content-Encoding` of its own.
 *
 * Hooks that change responses run in reverse order: call it before the others, so that it has the last word.
 *
 * @throws {TypeError} If an option has the wrong type.
 * @throws {RangeError} If there is no coding, or one that is not known.
 * @example
 * const app = new Pottle(import.meta);
 * compress(app);
 * app.get("/", () => "Hello ".repeat(1_000));
 * const response = await app.testClient().get("/", { headers: { "Accept-Encoding": "gzip" } });
 * console.log(response.headers.get("Content-Encoding"), response.bytes().length < 100); // gzip true
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 * @see https://www.breachattack.com/
 */
export function compress(app: Hooked, options: CompressOptions = {}): void {
  requireHooks(app, action);
  const { codings = all, minimumSize = 1_024, types = (type: string) => compressible.test(type) } = options;
  option(action, "minimumSize", minimumSize).count({ from: 0, unit: "bytes", orInfinity: true });
  option(action, "types", types).function();
  for (const coding of codings) option(action, "codings", coding).oneOf(all);
  if (codings.length === 0) throw outOfRange(action, "'codings' must have one", codings);
  const chosen = (request: HttpRequest): ContentCoding | undefined => {
    // A client that says nothing is allowed every coding, but need not know any.
    if (!request.acceptEncodings.isPresent) return undefined;
    const coding = request.acceptEncodings.bestMatch([...codings, "identity"]);
    return coding === "identity" ? undefined : coding;
  };
  app.afterRequest(async (response, request) => {
    if (response.status === 304) return unify(response, chosen(request));
    if (!isCandidate(response, types) || sizeOf(response) < minimumSize) return;
    response.vary.add("Accept-Encoding");
    if (mayLeak(response, request)) return;
    const coding = chosen(request);
    if (coding !== undefined) await encode(response, coding, request.method === "HEAD");
  });
}

function isCandidate({ status, headers, cacheControl }: HttpResponse, types: (type: string) => boolean): boolean {
  if (withoutBody.has(status) || headers.has("Content-Encoding") || headers.has("Content-Range")) return false;
  const [type = ""] = (headers.get("Content-Type") ?? "").toLowerCase().split(";", 1);
  return !cacheControl.has("no-transform") && types(type.trim());
}

function sizeOf({ body }: HttpResponse): number {
  if (typeof body === "string") return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : Infinity;
}

function mayLeak({ headers }: HttpResponse, request: HttpRequest): boolean {
  if (!headers.has("Set-Cookie")) return false;
  const hasBody = request.headers.has("Transfer-Encoding") || (request.headers.get("Content-Length") ?? "0") !== "0";
  return hasBody || request.query !== "";
}

/** A cache puts the headers of a 304 in the place of those of its 200, so they must not take back what that said. */
function unify(response: HttpResponse, coding: ContentCoding | undefined): void {
  response.vary.add("Accept-Encoding");
  if (coding !== undefined) weaken(response);
}

function weaken({ headers }: HttpResponse): void {
  const etag = headers.get("ETag");
  if (etag !== undefined && !etag.startsWith("W/")) headers.set("ETag", `W/${etag}`);
}

async function encode(response: HttpResponse, coding: ContentCoding, isHead: boolean): Promise<void> {
  const { headers, body } = response;
  headers.set("Content-Encoding", coding);
  headers.delete("Content-Length");
  headers.delete("Accept-Ranges");
  weaken(response);
  // The head is all that is sent: nothing is compressed for its length.
  if (isHead) response.body = "";
  else if (typeof body === "string" || body instanceof Uint8Array)
    response.body = await compressWhole(coding, toBytes(body));
  else {
    const pieces = compressPieces(coding, body);
    // The time limit of an outer application must not count for compressed events either.
    response.body = body instanceof EndlessBody ? new EndlessPieces(pieces) : pieces;
  }
}
