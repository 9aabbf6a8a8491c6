import { HeaderSet } from "../negotiation/header-set.ts";
import { type CookieOptions, formatSetCookie, type HeaderList } from "../../http/index.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { SessionSettings } from "./session-options.ts";

/** Browsers may drop a larger cookie: name, value and attributes, in bytes. */
const maxCookieSize = 4_093;

/** @internal The cookie of sessions, and the headers that go with it. */
export class SessionCookie {
  readonly #settings: SessionSettings;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
  }

  /** The value that a request came with; `undefined` if it came without one. */
  read(request: HttpRequest): string | undefined {
    // Most requests of a site without sessions have no cookies to parse.
    if (!request.headers.has("cookie")) return undefined;
    const value = request.cookies.get(this.#settings.cookieName);
    return value === "" ? undefined : value;
  }

  /** The name and a value, as a browser sends them. */
  pair(value: string): string {
    return `${this.#settings.cookieName}=${value}`;
  }

  /** Has the browser keep a value, beyond its end if the session is permanent. */
  write(headers: HeaderList, request: HttpRequest, value: string, isPermanent: boolean): void {
    const { cookieName, lifetime } = this.#settings;
    const kept: CookieOptions = isPermanent ? { maxAge: lifetime } : {};
    const text = formatSetCookie(cookieName, value, { ...this.#attributes(request), ...kept });
    if (text.length > maxCookieSize) {
      const size = `has ${text.length} bytes: browsers may drop what is over ${maxCookieSize}`;
      process.emitWarning(`The cookie of a session ${size}; a SessionStore keeps it on the server`);
    }
    headers.append("Set-Cookie", text);
  }

  /** Has the browser forget it. */
  remove(headers: HeaderList, request: HttpRequest): void {
    const past: CookieOptions = { expires: new Date(0), maxAge: 0 };
    headers.append(
      "Set-Cookie",
      formatSetCookie(this.#settings.cookieName, "", { ...this.#attributes(request), ...past }),
    );
  }

  #attributes(request: HttpRequest): CookieOptions {
    const { cookie } = this.#settings;
    return request.scheme === "https" && cookie.secure === undefined ? { ...cookie, secure: true } : cookie;
  }
}

/** @internal Says to caches that the response depends on the cookies of the request. */
export function addVaryCookie(headers: HeaderList): void {
  const names = new HeaderSet(headers, "Vary");
  if (!names.has("Cookie") && !names.has("*")) headers.append("Vary", "Cookie");
}
