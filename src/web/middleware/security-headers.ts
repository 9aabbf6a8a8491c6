import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { isFieldValue } from "../../http/index.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { defaultPolicy, policyFor, type PolicyDirectives } from "./content-security-policy.ts";
import { type Hooked, requireHooks } from "./hooked.ts";

/** Options of {@link securityHeaders}; `false` leaves a header out. */
export interface SecurityHeadersOptions {
  /**
   * What a page may load: `Content-Security-Policy`.
   * @default what comes from its own origin, and data in images; no plug-ins; not in frames of others
   */
  readonly contentSecurityPolicy?: PolicyDirectives | false;
  /**
   * Whether browsers only report what the policy forbids: `Content-Security-Policy-Report-Only`, to try a policy.
   * @default false
   */
  readonly reportOnly?: boolean;
  /**
   * For how long browsers use HTTPS alone, in milliseconds: `Strict-Transport-Security`, sent over HTTPS only.
   * @default 31_536_000_000 (a year)
   */
  readonly strictTransportSecurity?: number | false;
  /**
   * Whether hosts below this one are meant as well.
   * @default false
   */
  readonly includeSubDomains?: boolean;
  /**
   * What other sites are told of where a visitor comes from: `Referrer-Policy`.
   * @default "strict-origin-when-cross-origin"
   */
  readonly referrerPolicy?: string | false;
  /**
   * Whose frames a page may be in, for browsers that know no policy: `X-Frame-Options`.
   * @default "SAMEORIGIN"
   */
  readonly frameOptions?: "DENY" | "SAMEORIGIN" | false;
  /**
   * Which windows share a page's process: `Cross-Origin-Opener-Policy`.
   * @default "same-origin"
   */
  readonly crossOriginOpenerPolicy?: string | false;
  /**
   * Which of the browser's functions a page may use: `Permissions-Policy`.
   * @default false
   */
  readonly permissionsPolicy?: string | false;
}

const action = "set up security headers";

/**
 * Sends headers with each response that make browsers strict: no guessing of types (`X-Content-Type-Options: nosniff`), no
 * scripts and styles but the site's own, no frames of others, HTTPS only once it was used. A header that a view has set is left
 * as it is. Scripts and styles within a page run if their `nonce` is `cspNonce()`.
 *
 * @throws {TypeError} If an option has the wrong type.
 * @throws {RangeError} If a value cannot stand in a header.
 * @example
 * const app = new Pottle(import.meta);
 * securityHeaders(app, { contentSecurityPolicy: { "default-src": ["'self'", "https://cdn.example"] } });
 * app.get("/", () => "Hello");
 * const { headers } = await app.testClient().get("/");
 * console.log(headers.get("Content-Security-Policy")); // default-src 'self' https://cdn.example
 * @see https://www.w3.org/TR/CSP3/
 * @see https://www.rfc-editor.org/rfc/rfc6797
 */
export function securityHeaders(app: Hooked, options: SecurityHeadersOptions = {}): void {
  requireHooks(app, action);
  const fixed = fixedHeaders(options);
  const { contentSecurityPolicy = defaultPolicy, reportOnly = false } = options;
  const policy = contentSecurityPolicy === false ? undefined : policyFor(action, checkPolicy(contentSecurityPolicy));
  const policyName = reportOnly ? "Content-Security-Policy-Report-Only" : "Content-Security-Policy";
  const transport = transportOf(options);
  app.afterRequest(({ headers }, request: HttpRequest) => {
    for (const [name, value] of fixed) if (!headers.has(name)) headers.set(name, value);
    if (policy !== undefined && !headers.has(policyName)) headers.set(policyName, policy(request));
    const isSecure = transport !== undefined && request.scheme === "https";
    if (isSecure && !headers.has(hsts)) headers.set(hsts, transport);
  });
}

const hsts = "Strict-Transport-Security";

function fixedHeaders(options: SecurityHeadersOptions): [name: string, value: string][] {
  const { referrerPolicy = "strict-origin-when-cross-origin", frameOptions = "SAMEORIGIN" } = options;
  const { crossOriginOpenerPolicy = "same-origin", permissionsPolicy = false } = options;
  if (frameOptions !== false) option(action, "frameOptions", frameOptions).oneOf(["DENY", "SAMEORIGIN"]);
  const all = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": frameOptions,
    "Referrer-Policy": referrerPolicy,
    "Cross-Origin-Opener-Policy": crossOriginOpenerPolicy,
    "Permissions-Policy": permissionsPolicy,
  };
  return Object.entries(all).flatMap(([name, value]) => (value === false ? [] : [[name, checkValue(name, value)]]));
}

function checkValue(name: string, value: unknown): string {
  if (typeof value !== "string") throw wrongType(action, `${name} must be a string or false`, value);
  if (isFieldValue(value)) return value;
  throw outOfRange(action, `${name} must be a text that may stand in a header`, value);
}

function checkPolicy(policy: unknown): PolicyDirectives {
  if (typeof policy === "object" && policy !== null && !Array.isArray(policy)) return policy as PolicyDirectives;
  throw wrongType(action, "'contentSecurityPolicy' must be an object of directives, or false", policy);
}

function transportOf(options: SecurityHeadersOptions): string | undefined {
  const { strictTransportSecurity: ms = 31_536_000_000, includeSubDomains = false } = options;
  if (ms === false) return undefined;
  option(action, "strictTransportSecurity", ms).milliseconds({ from: 0 });
  return `max-age=${Math.floor(ms / 1_000)}${includeSubDomains ? "; includeSubDomains" : ""}`;
}
