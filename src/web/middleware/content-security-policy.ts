import { randomBytes } from "node:crypto";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { requireRequest } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";

/** A policy by its directives: `{ "script-src": ["'self'", "https://cdn.example"], "upgrade-insecure-requests": [] }`. */
export type PolicyDirectives = Readonly<Record<string, string | readonly string[]>>;

/** What a page may load if nothing else is said: its own scripts, styles and images, and data in images. */
export const defaultPolicy: PolicyDirectives = {
  "default-src": "'self'",
  "img-src": ["'self'", "data:"],
  "object-src": "'none'",
  "base-uri": "'self'",
  "form-action": "'self'",
  "frame-ancestors": "'self'",
};

const directive = /^[a-z][a-z-]*$/;
const source = /^[\x21-\x7e]+$/;
/** What a nonce is for. */
const withNonce = ["script-src", "style-src"];
const nonces = new WeakMap<HttpRequest, string>();

/**
 * A random text for the `nonce` of scripts and styles within this page, which the policy of `securityHeaders()` lets run
 * then. It is the same one for all of a request.
 *
 * @throws {InvalidStateError} If there is no request.
 * @example
 * const app = new Pottle(import.meta);
 * securityHeaders(app);
 * app.get("/", () => {
 *   const nonce = cspNonce();
 *   return html`<script nonce="${nonce}">document.title = "Hello";</script>`;
 * });
 * const response = await app.testClient().get("/");
 * const [, nonce = "none"] = /nonce="([^"]+)"/.exec(response.text()) ?? [];
 * console.log(response.headers.get("Content-Security-Policy")?.includes(`'nonce-${nonce}'`)); // true
 * @see https://www.w3.org/TR/CSP3/#framework-directive-source-list
 */
export function cspNonce(): string {
  const { request } = requireRequest("cspNonce()");
  const nonce = nonces.get(request) ?? randomBytes(18).toString("base64url");
  nonces.set(request, nonce);
  return nonce;
}

/** Makes the function that formats a policy for a request. @throws {RangeError} If it cannot stand in a header. */
export function policyFor(action: string, policy: PolicyDirectives): (request: HttpRequest) => string {
  const lists = Object.entries(policy).map(([name, values]) => [name, checkDirective(action, name, values)] as const);
  const plain = format(lists);
  return (request) => {
    const nonce = nonces.get(request);
    return nonce === undefined ? plain : format(addNonce(lists, `'nonce-${nonce}'`));
  };
}

type Lists = readonly (readonly [name: string, values: readonly string[]])[];

/** A directive for scripts or styles that is not there begins as `default-src`, which is in force for them. */
function addNonce(lists: Lists, nonce: string): Lists {
  const byName = new Map(lists);
  for (const name of withNonce) {
    const values = byName.get(name) ?? byName.get("default-src");
    if (values !== undefined) byName.set(name, [...values.filter((value) => value !== "'none'"), nonce]);
  }
  return [...byName];
}

function format(lists: Lists): string {
  return lists.map(([name, values]) => [name, ...values].join(" ")).join("; ");
}

function checkDirective(action: string, name: string, values: unknown): readonly string[] {
  if (!directive.test(name)) throw outOfRange(action, "a directive of the policy must be small letters and -", name);
  const list: unknown = typeof values === "string" ? values.split(" ").filter((value) => value !== "") : values;
  if (!Array.isArray(list)) throw wrongType(action, `'${name}' of the policy must be a string or a list`, values);
  return list.map((value) => checkSource(action, name, value));
}

function checkSource(action: string, name: string, value: unknown): string {
  if (typeof value === "string" && source.test(value) && !/[;,]/.test(value)) return value;
  throw outOfRange(action, `'${name}' of the policy must be visible characters without ; and ,`, value);
}
