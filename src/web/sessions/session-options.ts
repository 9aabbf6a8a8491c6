import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { type CookieOptions, formatSetCookie } from "../../http/index.ts";
import type { SessionStore } from "./session-store.ts";

/** Options of {@link sessions}. */
export interface SessionOptions {
  /**
   * The secret that sessions are signed with: random, and the same in all processes of the application. Without it sessions
   * are empty and cannot be changed. @default none
   */
  readonly secretKey?: string | Uint8Array;
  /** Older keys, by which sessions can still be read. @default [] */
  readonly secretKeyFallbacks?: readonly (string | Uint8Array)[];
  /** The digest of the signature. `sha1` is that of Flask and Quart, to share sessions with them. @default "sha256" */
  readonly digest?: "sha1" | "sha256";
  /** The store of the values; the cookie has only an id then. @default the cookie itself, readable by its user */
  readonly store?: SessionStore;
  /** The name of the cookie. @default "session" */
  readonly cookieName?: string;
  /** The domain that the cookie is sent to, with those below it. @default the host that set it, and no other */
  readonly domain?: string;
  /** The path below which the cookie is sent. @default "/" */
  readonly path?: string;
  /** Whether the cookie is sent over HTTPS only. @default whether the request that it answers came over HTTPS */
  readonly secure?: boolean;
  /** Whether the cookie is kept from the scripts of the page. @default true */
  readonly httpOnly?: boolean;
  /** Whether the cookie is sent with requests that other sites cause. @default "lax" */
  readonly sameSite?: "strict" | "lax" | "none";
  /** Whether the cookie is kept apart for each site that the page is embedded in. @default false */
  readonly partitioned?: boolean;
  /**
   * How long a session is valid, in milliseconds; at least 1,000. A browser keeps a permanent one for that time, and others
   * until it is closed. @default 2_678_400_000, 31 days
   */
  readonly lifetime?: number;
  /** Whether the time of a permanent session begins anew with each request that uses it. @default true */
  readonly refreshEachRequest?: boolean;
}

/** @internal Options with their defaults. */
export interface SessionSettings {
  /** The newest last. */
  readonly secretKeys: readonly (string | Uint8Array)[];
  readonly digest: "sha1" | "sha256";
  readonly cookieName: string;
  readonly cookie: CookieOptions;
  readonly lifetime: number;
  readonly refreshEachRequest: boolean;
}

const action = "set up sessions";

/**
 * @internal Fills in the defaults.
 *
 * @throws {TypeError} If an option has a wrong type, or a browser would refuse such a cookie.
 * @throws {RangeError} If an option is out of range.
 */
export function checkSessionOptions(options: SessionOptions): SessionSettings {
  const { secretKey, secretKeyFallbacks = [], cookieName = "session", lifetime = 31 * 86_400_000 } = options;
  const { store, refreshEachRequest = true } = options;
  const fallbacks: unknown = secretKeyFallbacks;
  if (!Array.isArray(fallbacks)) throw wrongType(action, "'secretKeyFallbacks' must be a list", typeof fallbacks);
  if (secretKey === undefined && fallbacks.length > 0) {
    throw outOfRange(action, "'secretKeyFallbacks' need a 'secretKey'", secretKey);
  }
  if (store !== undefined && typeof (store as Partial<SessionStore> | null)?.load !== "function") {
    throw wrongType(action, "'store' must be a SessionStore", store);
  }
  const cookie = toCookieOptions(options);
  formatSetCookie(cookieName, "", cookie);
  return {
    secretKeys: secretKey === undefined ? [] : [...secretKeyFallbacks, secretKey],
    digest: option(action, "digest", options.digest ?? "sha256").oneOf(["sha1", "sha256"]),
    cookieName,
    cookie,
    lifetime: option(action, "lifetime", lifetime).milliseconds({ from: 1_000, to: 1e12 }),
    refreshEachRequest: option(action, "refreshEachRequest", refreshEachRequest).boolean(),
  };
}

function toCookieOptions(options: SessionOptions): CookieOptions {
  const { domain, path, secure, httpOnly, sameSite, partitioned } = options;
  for (const [name, value] of Object.entries({ secure, httpOnly, partitioned })) {
    if (value !== undefined) option(action, name, value).boolean();
  }
  const given = Object.entries({ domain, path, secure, httpOnly, sameSite, partitioned });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
