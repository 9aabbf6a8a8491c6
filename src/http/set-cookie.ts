import { option } from "../base/options.ts";
import { outOfRange, wrongType } from "../base/refusal.ts";
import { showKind } from "../base/show.ts";
import { quoteCookieValue } from "./cookie.ts";
import { isToken } from "./field-syntax.ts";

/** Where and how long a browser keeps a cookie. */
export interface CookieOptions {
  /**
   * How many milliseconds it is kept; it is sent as whole seconds, rounded up. 0 removes it.
   * @default until the browser is closed
   */
  readonly maxAge?: number;
  /**
   * Until when it is kept. `maxAge`, where a browser knows it, goes before it.
   * @default until the browser is closed
   */
  readonly expires?: Date;
  /**
   * The path below which it is sent.
   * @default "/"
   */
  readonly path?: string;
  /**
   * The domain that it is sent to, with those below it.
   * @default the host that set it, and no other
   */
  readonly domain?: string;
  /**
   * Whether it is sent over HTTPS only.
   * @default `true` if `sameSite` is `none`, it is partitioned, or its name begins with `__Secure-` or `__Host-`, as
   *   browsers refuse these otherwise; `false` for others
   */
  readonly secure?: boolean;
  /**
   * Whether it is kept from the scripts of the page.
   * @default true
   */
  readonly httpOnly?: boolean;
  /**
   * Whether it is sent with requests that other sites cause: `lax` with links that are followed, `strict` never, `none`
   * always.
   * @default "lax"
   */
  readonly sameSite?: "strict" | "lax" | "none";
  /**
   * Whether it is kept apart for each site that the page is embedded in.
   * @default false
   */
  readonly partitioned?: boolean;
}

const domainSyntax = /^\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;
// The value of an attribute ends at a semicolon.
const pathSyntax = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const sameSites = { strict: "Strict", lax: "Lax", none: "None" } as const;

/**
 * Writes the value of a `Set-Cookie` header. Any text may be the value of a cookie.
 *
 * @throws {TypeError} If the name, the path, the domain or `sameSite` is none that a cookie can have, or a browser would
 *   refuse their combination.
 * @throws {RangeError} If `maxAge` is not a number of milliseconds >= 0, or `expires` is not a date.
 * @example
 * console.log(formatSetCookie("theme", "dark", { maxAge: 60_000 }));
 * // theme=dark; Max-Age=60; HttpOnly; Path=/; SameSite=Lax
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-4.1
 */
export function formatSetCookie(name: string, value: string, options: CookieOptions = {}): string {
  const { path = "/", domain, httpOnly = true, sameSite = "lax", partitioned = false } = options;
  const secure = options.secure ?? needsSecure(name, options);
  check(name, value, options);
  return [
    `${name}=${quoteCookieValue(value)}`,
    domain !== undefined && `Domain=${domain.replace(/^\./, "")}`,
    options.expires !== undefined && `Expires=${formatDate(options.expires)}`,
    options.maxAge !== undefined && `Max-Age=${formatMaxAge(options.maxAge)}`,
    secure && "Secure",
    httpOnly && "HttpOnly",
    `Path=${path}`,
    `SameSite=${sameSites[sameSite]}`,
    partitioned && "Partitioned",
  ]
    .filter((part) => part !== false)
    .join("; ");
}

function needsSecure(name: string, { sameSite, partitioned }: CookieOptions): boolean {
  return sameSite === "none" || partitioned === true || /^__(?:secure|host)-/i.test(name);
}

function check(name: string, value: unknown, options: CookieOptions): void {
  const { path = "/", domain, sameSite = "lax" } = options;
  if (typeof name !== "string" || !isToken(name)) throw refuse("its name must be a token", name);
  if (typeof value !== "string") throw refuse(`the value of '${name}' must be a string`, value);
  if (!pathSyntax.test(path)) throw refuse("'path' must begin with '/' and have no semicolon in it", path);
  if (domain !== undefined && !domainSyntax.test(domain)) throw refuse("'domain' must be a domain name", domain);
  if (!Object.hasOwn(sameSites, sameSite)) throw refuse("'sameSite' must be 'strict', 'lax' or 'none'", sameSite);
  checkCombination(name, options);
}

function checkCombination(name: string, options: CookieOptions): void {
  const { secure, path = "/", domain } = options;
  if (secure === false && needsSecure(name, options)) {
    throw refuse(`'secure' must be true for '${name}' with these options`, secure);
  }
  if (!/^__host-/i.test(name)) return;
  if (path !== "/") throw refuse(`'path' must be '/' for '${name}'`, path);
  if (domain !== undefined) throw refuse(`'domain' must be left out for '${name}'`, domain);
}

function formatMaxAge(ms: number): string {
  const limits = { from: 0, to: Number.MAX_SAFE_INTEGER };
  return String(Math.ceil(option("make a cookie", "maxAge", ms).milliseconds(limits) / 1000));
}

function formatDate(date: Date): string {
  if (date instanceof Date && !Number.isNaN(date.getTime())) return date.toUTCString();
  throw outOfRange("make a cookie", "'expires' must be a date", date);
}

function refuse(must: string, value: unknown): TypeError {
  return wrongType("make a cookie", must, value, showKind);
}
