import {
  type CookieOptions,
  formatSetCookie,
  HeaderList,
  type HeadersLike,
  type ResponseBody,
} from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { toBody } from "./from-result.ts";

/** How many bytes of name, value and attributes every browser keeps. */
const maxCookieSize = 4093;

/** Which cookie is removed: one of another path or domain is another cookie. */
export type DeleteCookieOptions = Omit<CookieOptions, "maxAge" | "expires">;

/** A response, made by {@link makeResponse}. It can be changed until the view returns it. */
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

/**
 * Makes a response with a status and headers from what a view could return as well: a string, bytes, an object, an
 * array, an async iterable. Its `Content-Type` is that which the view's value would get, unless `headers` has one.
 *
 * @param status From 200 to 599.
 * @throws {TypeError} If no response can be made from `body`.
 * @throws {RangeError} If `status` is not a whole number from 200 to 599.
 * @example
 * const app = new Pottle(import.meta);
 * app.post("/todos", async (_, request) => makeResponse(await request.json<object>(), 201, { Location: "/todos/1" }));
 * const response = await app.testClient().post("/todos", { json: { title: "write a test" } });
 * console.log(response.status, response.headers.get("location")); // 201 /todos/1
 */
export function makeResponse(body: string | object, status: number = 200, headers: HeadersLike = []): HttpResponse {
  option("make a response", "status", status).count({ from: 200, to: 599 });
  const { content, headers: typed } = toBody(body);
  const list = new HeaderList(headers);
  if (!list.has("Content-Type")) for (const [name, value] of new HeaderList(typed)) list.append(name, value);
  return new HttpResponse(content, status, list);
}
