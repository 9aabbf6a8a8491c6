import { HeaderList, type HeadersLike, type ResponseBody } from "../http/index.ts";
import { toBody } from "./to-body.ts";

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
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(
      `Cannot make a response as 'status' must be a whole number from 200 to 599: current value is ${String(status)}`,
    );
  }
  const { content, headers: typed } = toBody(body);
  const list = new HeaderList(headers);
  if (!list.has("Content-Type")) for (const [name, value] of new HeaderList(typed)) list.append(name, value);
  return new HttpResponse(content, status, list);
}
