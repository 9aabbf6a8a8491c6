import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { isToken } from "../../http/index.ts";
import { makeResponse } from "../message/from-result.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { HttpResponse } from "../message/http-response.ts";
import { type Hooked, requireHooks } from "./hooked.ts";

/** Which origins are let in: one, a pattern that the whole origin must match, or a function. */
export type OriginRule = string | RegExp | ((origin: string, request: HttpRequest) => boolean);

/** Options of {@link cors}. */
export interface CorsOptions {
  /** The origins whose pages may read responses: `https://example.com`, or `*` for any. There is no default. */
  readonly origins: OriginRule | readonly OriginRule[];
  /**
   * The beginning of the paths that this is for, on a segment border: `/api`. Of several calls for one application, the
   * first that matches a path decides.
   * @default "/"
   */
  readonly path?: string;
  /**
   * Methods that a page may use beside GET, HEAD and POST.
   * @default ["PUT", "PATCH", "DELETE"]
   */
  readonly methods?: readonly string[];
  /**
   * Request headers that a page may send beside those that every page may.
   * @default those that it asks for
   */
  readonly allowHeaders?: readonly string[];
  /**
   * Response headers that a page may read beside those that every page may.
   * @default []
   */
  readonly exposeHeaders?: readonly string[];
  /**
   * Whether cookies and logins of the user are sent along, and pages may read what is answered to them. Not with `*`.
   * @default false
   */
  readonly credentials?: boolean;
  /**
   * For how long a browser keeps the answer to its question, in milliseconds; it may keep it for less.
   * @default as long as the browser does by itself, which is 5 seconds
   */
  readonly maxAge?: number;
}

interface Rules {
  readonly path: string;
  readonly any: boolean;
  readonly exact: ReadonlySet<string>;
  readonly others: readonly Exclude<OriginRule, string>[];
  readonly methods: string;
  readonly allowHeaders: string | undefined;
  readonly exposeHeaders: string | undefined;
  readonly credentials: boolean;
  readonly maxAge: string | undefined;
}

const action = "set up CORS";
const decided = new WeakMap<HttpRequest, Rules>();

/**
 * Lets pages of other origins read the responses of an application, and answers the questions that browsers ask before
 * (preflight). Responses to other origins are sent without a word about them, which makes browsers keep them from the page:
 * CORS is no protection of the server, and requests are not refused by it.
 *
 * @throws {TypeError} If an option has the wrong type.
 * @throws {RangeError} If an origin is none, a header is no token, or `credentials` goes with `*`.
 * @example
 * const app = new Pottle(import.meta);
 * cors(app, { origins: "https://example.com" });
 * app.get("/", () => "for all pages of example.com");
 * const { headers } = await app.testClient().get("/", { headers: { Origin: "https://example.com" } });
 * console.log(headers.get("Access-Control-Allow-Origin")); // https://example.com
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function cors(app: Hooked, options: CorsOptions): void {
  requireHooks(app, action);
  const rules = checkOptions(options);
  app.beforeRequest((request) => {
    if (decided.has(request) || !isBelow(request.path, rules.path)) return undefined;
    decided.set(request, rules);
    return isPreflight(request) ? answerPreflight(request, rules) : undefined;
  });
  app.afterRequest((response, request) => {
    if (decided.get(request) === rules) allow(response, request, rules);
  });
}

function isPreflight(request: HttpRequest): boolean {
  const { method, headers } = request;
  return method === "OPTIONS" && headers.has("Origin") && headers.has("Access-Control-Request-Method");
}

function answerPreflight(request: HttpRequest, rules: Rules): HttpResponse {
  const response = makeResponse("", 204);
  response.vary.add("Access-Control-Request-Method", "Access-Control-Request-Headers");
  if (!isAllowed(request, rules)) return response;
  const headers = rules.allowHeaders ?? askedHeaders(request);
  response.headers.set("Access-Control-Allow-Methods", rules.methods);
  if (headers !== "") response.headers.set("Access-Control-Allow-Headers", headers);
  if (rules.maxAge !== undefined) response.headers.set("Access-Control-Max-Age", rules.maxAge);
  return response;
}

function allow(response: HttpResponse, request: HttpRequest, rules: Rules): void {
  if (!rules.any) response.vary.add("Origin");
  if (!isAllowed(request, rules)) return;
  const { headers } = response;
  headers.set("Access-Control-Allow-Origin", rules.any ? "*" : request.headers.get("Origin")!);
  if (rules.credentials) headers.set("Access-Control-Allow-Credentials", "true");
  const isAnswer = !isPreflight(request);
  if (isAnswer && rules.exposeHeaders !== undefined) headers.set("Access-Control-Expose-Headers", rules.exposeHeaders);
}

function isAllowed(request: HttpRequest, { any, exact, others }: Rules): boolean {
  const origin = request.headers.get("Origin");
  if (origin === undefined) return false;
  return any || exact.has(origin) || others.some((rule) => isMatch(rule, origin, request));
}

function isMatch(rule: Exclude<OriginRule, string>, origin: string, request: HttpRequest): boolean {
  if (typeof rule === "function") return requireAnswer(rule(origin, request));
  rule.lastIndex = 0;
  return rule.exec(origin)?.[0] === origin;
}

// A promise of `false` would count as true.
function requireAnswer(isIt: unknown): boolean {
  if (typeof isIt === "boolean") return isIt;
  throw wrongType("allow an origin", "a function among the 'origins' must return true or false", isIt, showKind);
}

function askedHeaders(request: HttpRequest): string {
  const asked = request.headers.get("Access-Control-Request-Headers") ?? "";
  const names = asked.split(",").map((name) => name.trim());
  return names.filter(isToken).join(", ");
}

function isBelow(path: string, prefix: string): boolean {
  return prefix === "" || path === prefix || path.startsWith(`${prefix}/`);
}

function checkOptions(options: CorsOptions): Rules {
  const { origins, path = "/", credentials = false, maxAge, allowHeaders, exposeHeaders } = options;
  const all = [origins].flat() as readonly OriginRule[];
  const texts = all.filter((rule) => typeof rule === "string");
  const any = texts.includes("*");
  option(action, "credentials", credentials).boolean();
  if (any && credentials) throw outOfRange(action, "'credentials' cannot go with the origin *", credentials);
  if (!path.startsWith("/")) throw outOfRange(action, "'path' must begin with a slash", path);
  if (maxAge !== undefined) option(action, "maxAge", maxAge).milliseconds({ from: 0 });
  return {
    path: path.replace(/\/+$/, ""),
    any,
    exact: new Set(texts.filter((text) => text !== "*").map(checkOrigin)),
    others: all.filter((rule) => typeof rule !== "string").map(checkRule),
    methods: tokens("methods", ["GET", "HEAD", "POST", ...(options.methods ?? ["PUT", "PATCH", "DELETE"])]),
    allowHeaders: allowHeaders && tokens("allowHeaders", allowHeaders),
    exposeHeaders: exposeHeaders && tokens("exposeHeaders", exposeHeaders),
    credentials,
    maxAge: maxAge === undefined ? undefined : String(Math.floor(maxAge / 1_000)),
  };
}

/** An origin as browsers send it. `null`, that of a local file or a sandbox, may be meant, and is what anyone can have. */
function checkOrigin(text: string): string {
  const rule = "an origin must be scheme, host and perhaps port, such as https://example.com";
  if (text === "null") throw outOfRange(action, "the origin null is one that every page can have", text);
  if (!URL.canParse(text)) throw outOfRange(action, rule, text);
  const { origin, href } = new URL(text);
  if (href !== `${origin}/` || origin === "null") throw outOfRange(action, rule, text);
  return origin;
}

function checkRule(rule: Exclude<OriginRule, string>): Exclude<OriginRule, string> {
  if (typeof rule === "function" || rule instanceof RegExp) return rule;
  throw wrongType(action, "an origin must be a string, a pattern or a function", rule);
}

function tokens(name: string, list: readonly string[]): string {
  const bad = list.find((one) => typeof one !== "string" || !isToken(one));
  if (bad !== undefined) throw outOfRange(action, `'${name}' must be tokens`, bad);
  return list.join(", ");
}
