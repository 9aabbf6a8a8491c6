import { InvalidStateError } from "../../asyncio/index.ts";
import { type CookieOptions, formatSetCookie } from "../../http/index.ts";
import type { AppInfo, RequestContext } from "../message/context.ts";
import { addVaryCookie } from "../sessions/session-cookie.ts";
import { addBackend, checkLoginPath, toChallenge } from "./auth-backend.ts";
import { AuthSigner, type SignedAuthOptions } from "./auth-signer.ts";

/** Options of {@link cookieAuth}. */
export interface CookieAuthOptions extends SignedAuthOptions {
  /** The path of the login page, to which `loginRequired` sends browsers. @default there is none: 401 */
  readonly loginPath?: string;
  /** The name of the cookie. @default "QUART_AUTH", that of quart-auth */
  readonly cookieName?: string;
  /** The domain that the cookie is sent to, with those below it. @default the host that set it, and no other */
  readonly domain?: string;
  /** The path below which the cookie is sent. @default "/" */
  readonly path?: string;
  /** Whether the cookie is sent over HTTPS only. @default true */
  readonly secure?: boolean;
  /** Whether the cookie is sent with requests that other sites cause. @default "lax" */
  readonly sameSite?: "strict" | "lax" | "none";
}

/**
 * Keeps who is logged in in a signed cookie of its own, in quart-auth's format, for applications that need nothing else of a
 * session. A copy of the cookie is valid until it is too old, even after `logoutUser()`.
 *
 * @throws {TypeError} If an option has a wrong type, or a browser would refuse such a cookie.
 * @throws {RangeError} If an option is out of range.
 * @example
 * const app = new Pottle(import.meta);
 * cookieAuth(app, { secretKey: "a long random secret" });
 * app.post("/login", () => {
 *   loginUser("ada");
 *   return "Hello";
 * });
 * const response = await app.testClient().post("/login");
 * console.log(response.headers.get("set-cookie")?.replace(/=[^;]*;/, "=…;"));
 * // QUART_AUTH=…; Max-Age=31536000; Secure; HttpOnly; Path=/; SameSite=Lax
 */
export function cookieAuth(app: AppInfo, options: CookieAuthOptions): void {
  const signer = new AuthSigner(options, "quart auth salt");
  const cookie = new AuthCookie(options, signer);
  addBackend(app, {
    challenge: toChallenge("Cookie", options.realm),
    loginPath: checkLoginPath(options.loginPath),
    read: (context) => cookie.read(context),
    logIn: (context, id) => cookie.change(context, signer.sign(id)),
    logOut: (context) => cookie.change(context, ""),
  });
}

class AuthCookie {
  readonly #name: string;
  readonly #attributes: CookieOptions;
  readonly #signer: AuthSigner;
  /** The value that a response sets, in a box that is empty at first; an empty value removes the cookie. */
  readonly #changes = new WeakMap<RequestContext, { value?: string }>();

  constructor(options: CookieAuthOptions, signer: AuthSigner) {
    this.#name = options.cookieName ?? "QUART_AUTH";
    this.#attributes = toAttributes(options);
    this.#signer = signer;
    formatSetCookie(this.#name, "", this.#attributes);
  }

  read(context: RequestContext): string | undefined {
    this.#open(context);
    const value = context.request.cookies.get(this.#name);
    return value === undefined ? undefined : this.#signer.read(value);
  }

  change(context: RequestContext, value: string): void {
    if (context.request.responded) {
      throw new InvalidStateError("Cannot log a user in or out as the response to the request has begun");
    }
    this.#open(context).value = value;
  }

  // From the first look at the cookie on, the response depends on it.
  #open(context: RequestContext): { value?: string } {
    const before = this.#changes.get(context);
    if (before !== undefined) return before;
    const change: { value?: string } = {};
    this.#changes.set(context, change);
    (context.finishers ??= []).push((headers) => {
      addVaryCookie(headers);
      if (change.value !== undefined) headers.append("Set-Cookie", this.#write(change.value));
    });
    return change;
  }

  #write(value: string): string {
    const kept = value === "" ? { expires: new Date(0), maxAge: 0 } : { maxAge: this.#signer.lifetime };
    return formatSetCookie(this.#name, value, { ...this.#attributes, ...kept });
  }
}

function toAttributes({ domain, path, secure = true, sameSite }: CookieAuthOptions): CookieOptions {
  const given = Object.entries({ domain, path, secure, sameSite });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
