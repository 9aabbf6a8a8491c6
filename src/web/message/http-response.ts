import { type CookieOptions, formatSetCookie, type HeaderList, type ResponseBody } from "../../http/index.ts";

/** How many bytes of name, value and attributes every browser keeps. */
const maxCookieSize = 4093;

/** Which cookie is removed: one of another path or domain is another cookie. */
export type DeleteCookieOptions = Omit<CookieOptions, "maxAge" | "expires">;

/** A response, made by `makeResponse()`. It can be changed until the view returns it. */
export class HttpResponse {
  /** The status. */
  status: number;
  /** The headers. */
  readonly headers: HeaderList;
  /** What is sent. */
  body: ResponseBody;

  constructor(body: ResponseBody, status: number, headers: HeaderList) {
    this.body = body;
    this.status = status;
    this.headers = headers;
  }

  /**
   * Has the browser keep a cookie. Unless `options` say otherwise it is sent to all of this site's paths, is kept from
   * scripts (`HttpOnly`), is not sent with what other sites post (`SameSite=Lax`), and is gone when the browser is closed.
   *
   * The user can read and change it: keep nothing in it that he may not. One of more than 4093 bytes, which browsers may
   * drop, gives a warning.
   *
   * @throws What {@link formatSetCookie} throws.
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
   * Has the browser remove a cookie.
   *
   * @param options Path and domain that it was set with.
   * @throws What {@link formatSetCookie} throws.
   */
  deleteCookie(name: string, options: DeleteCookieOptions = {}): this {
    return this.setCookie(name, "", { ...options, expires: new Date(0), maxAge: 0 });
  }
}
