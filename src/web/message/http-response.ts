import { type CookieOptions, formatSetCookie, type HeaderList, type ResponseBody } from "../../http/index.ts";

/** The number of bytes of name, value and attributes that every browser keeps. */
const maxCookieSize = 4093;

/** Path and domain of a cookie that is removed: with others it is another cookie. */
export type DeleteCookieOptions = Omit<CookieOptions, "maxAge" | "expires">;

/** A response, made by `makeResponse()`. It can be changed until the view returns it. */
export class HttpResponse {
  /** The status. */
  status: number;
  /** The headers. */
  readonly headers: HeaderList;
  /** The body. */
  body: ResponseBody;

  constructor(body: ResponseBody, status: number, headers: HeaderList) {
    this.body = body;
    this.status = status;
    this.headers = headers;
  }

  /**
   * Sets a cookie. Unless `options` say otherwise it is sent to all of this site's paths, is hidden from scripts
   * (`HttpOnly`), is not sent with posts of other sites (`SameSite=Lax`), and is gone when the browser is closed.
   *
   * The user can read and change it: put nothing in it that the user must not see or change. A cookie of more than 4093
   * bytes, which browsers may drop, gives a warning.
   *
   * @throws The errors of {@link formatSetCookie}.
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
   * Removes a cookie.
   *
   * @param options Path and domain that it was set with.
   * @throws The errors of {@link formatSetCookie}.
   */
  deleteCookie(name: string, options: DeleteCookieOptions = {}): this {
    return this.setCookie(name, "", { ...options, expires: new Date(0), maxAge: 0 });
  }
}
