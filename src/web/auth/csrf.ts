import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { isToken } from "../../http/index.ts";
import { HTTPError } from "../errors/http-error.ts";
import { type Html, html } from "../html/html.ts";
import { currentRequestContext } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { isMarked, markView } from "../message/wrap-view.ts";
import { session } from "../sessions/sessions.ts";
import { csrfToken, isTokenOf } from "./csrf-token.ts";

/** Options of {@link csrf}. */
export interface CsrfOptions {
  /** The name of the field of a form. @default "csrf_token" */
  readonly fieldName?: string;
  /** The name of the header. @default "X-CSRFToken" */
  readonly headerName?: string;
  /** Other origins whose pages may send requests: `https://app.example.org`. @default [] */
  readonly trustedOrigins?: readonly string[];
  /** Whether a request is not checked, such as one that is authenticated by a token. @default none is */
  readonly exempt?: (request: HttpRequest) => boolean;
}

/** The part of an application that {@link csrf} needs: an application or a blueprint. */
export interface CsrfApplication {
  /** Registers a function to run before each request. */
  beforeRequest(fn: (request: HttpRequest) => Promise<void> | void): void;
  /** Gives the templates of an application a function. */
  templateGlobal?(name: string, value: unknown): void;
  /** Gives the templates of the application that a blueprint is in a function. */
  appTemplateGlobal?(name: string, value: unknown): void;
}

/** 403: a request that changes something does not come from a page of this site. */
export class CSRFError extends HTTPError {
  override readonly name = "CSRFError";

  constructor(description: string) {
    super(403, description);
  }
}

interface CsrfSettings {
  readonly fieldName: string;
  readonly headerName: string;
  readonly trustedOrigins: readonly string[];
  readonly exempt: (request: HttpRequest) => boolean;
}

const action = "set up the check of origins";
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);
const mark = "csrf exempt";

/**
 * Answers requests that other sites have made a browser send with 403. A request of any method but GET, HEAD, OPTIONS and
 * TRACE must come from this site, as `Sec-Fetch-Site` or `Origin` say if a browser sends them, and have the
 * {@link csrfToken} of its session, in a field of its form or in a header. Call it after `sessions(app, …)`. WebSockets need
 * no token: their routes let in the pages of the same host, unless `origins` names others.
 *
 * Templates get `{{ csrf_field() }}`, the field to put into a form, and `{{ csrf_token() }}`, also spelled `csrfToken`.
 *
 * @throws {TypeError} If an option has a wrong type.
 * @throws {SetupError} If it is too late.
 * @example
 * const app = new Pottle(import.meta);
 * sessions(app, { secretKey: "a long random secret" });
 * csrf(app, { exempt: (request) => request.headers.has("authorization") });
 * app.post("/", () => "Done");
 * console.log((await app.testClient().post("/")).status); // 403
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export function csrf(app: CsrfApplication, options: CsrfOptions = {}): void {
  const settings = checkOptions(options);
  app.beforeRequest((request) => {
    if (safeMethods.has(request.method) || isMarked(currentRequestContext()?.view, mark)) return undefined;
    if (isExempt(request, settings)) return undefined;
    requireOrigin(request, settings);
    return requireToken(request, settings);
  });
  const globals = { csrf_token: csrfToken, csrfToken, csrf_field: () => hiddenField(settings.fieldName) };
  for (const [name, value] of Object.entries(globals)) {
    app.templateGlobal?.(name, value);
    app.appTemplateGlobal?.(name, value);
  }
}

/**
 * Exempts a view from {@link csrf}: one that another site may call, and that knows who calls by other means.
 *
 * @throws {TypeError} If `view` is not a function.
 * @example
 * const app = new Pottle(import.meta);
 * sessions(app, { secretKey: "a long random secret" });
 * csrf(app);
 * app.post("/webhook", csrfExempt(() => "Thanks"));
 * console.log((await app.testClient().post("/webhook")).text()); // Thanks
 */
export function csrfExempt<V extends (...args: never[]) => unknown>(view: V): V {
  option("exempt a view", "view", view).function();
  markView(view, mark);
  return view;
}

function hiddenField(name: string): Html {
  return html`<input type="hidden" name="${name}" value="${csrfToken()}" />`;
}

function checkOptions(options: CsrfOptions): CsrfSettings {
  const { fieldName = "csrf_token", headerName = "X-CSRFToken", trustedOrigins = [], exempt = () => false } = options;
  if (typeof fieldName !== "string") throw wrongType(action, "'fieldName' must be a string", fieldName);
  if (typeof headerName !== "string" || !isToken(headerName)) {
    throw wrongType(action, "'headerName' must be the name of a header", headerName);
  }
  if (!Array.isArray(trustedOrigins) || !trustedOrigins.every(isOrigin)) {
    throw wrongType(action, "'trustedOrigins' must be a list such as ['https://example.org']", trustedOrigins);
  }
  return { fieldName, headerName, trustedOrigins, exempt: option(action, "exempt", exempt).function() };
}

function isOrigin(text: unknown): boolean {
  return typeof text === "string" && text !== "null" && URL.parse(text)?.origin === text;
}

function isExempt(request: HttpRequest, { exempt }: CsrfSettings): boolean {
  const isIt: unknown = exempt(request);
  // A promise of `false` would count as true.
  if (typeof isIt === "boolean") return isIt;
  throw wrongType("check the origin of a request", "'exempt' must return true or false", isIt, showKind);
}

// Scripts of a page cannot set these headers. Clients that are not browsers send neither, and are not tricked by pages.
function requireOrigin({ headers }: HttpRequest, { trustedOrigins }: CsrfSettings): void {
  const origin = headers.get("origin");
  if (origin !== undefined && trustedOrigins.includes(origin)) return;
  const site = headers.get("sec-fetch-site");
  const isOwn =
    site === undefined ? isSameHost(origin, headers.get("host")) : site === "same-origin" || site === "none";
  if (!isOwn) throw new CSRFError("This request comes from a page of another site.");
}

// The scheme is not compared: a proxy in front may have taken off the encryption.
function isSameHost(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  const url = URL.parse(origin);
  return url !== null && host !== undefined && url.host === URL.parse(`${url.protocol}//${host}`)?.host;
}

async function requireToken(request: HttpRequest, settings: CsrfSettings): Promise<void> {
  const token = request.headers.get(settings.headerName) ?? (await readField(request, settings.fieldName));
  if (token === undefined) throw new CSRFError("This request has no CSRF token.");
  if (!isTokenOf(session(), token)) throw new CSRFError("The CSRF token of this request is not that of its session.");
}

async function readField(request: HttpRequest, name: string): Promise<string | undefined> {
  const type = request.contentType?.essence;
  if (type !== "application/x-www-form-urlencoded" && type !== "multipart/form-data") return undefined;
  return (await request.form()).fields.get(name) ?? undefined;
}
