import { HeaderList, type HeadersLike } from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { currentContext } from "../message/context.ts";
import { HttpResponse } from "../message/http-response.ts";
import { defaultJSON } from "../message/json-provider.ts";

/** A response whose status and value are in its type, made by {@link reply}. */
export class Reply<Status extends PropertyKey, Value> extends HttpResponse {
  /** The status, as a type. */
  declare status: Status & number;
  /** The value that the body is made of. */
  readonly replied: Value;

  /** @internal Made by `reply()`. */
  constructor(status: number, replied: Value, headers: HeaderList) {
    super("", status, headers);
    this.replied = replied;
    if (replied !== null) this.setValue(replied);
  }

  /** @internal Makes the body of a value. */
  setValue(value: unknown): void {
    const provider = currentContext.get()?.app.json ?? defaultJSON;
    if (!this.headers.has("Content-Type")) this.headers.append("Content-Type", provider.mimetype);
    this.body = provider.dumps(value);
  }
}

/**
 * Makes a response of a status and a value as JSON, both of which a contract checks by their types. `null` gives no body.
 *
 * @param status From 200 to 599.
 * @throws {TypeError} If JSON cannot have the value.
 * @throws {RangeError} If `status` is not a whole number from 200 to 599.
 * @example
 * import { z } from "zod";
 * const Todo = z.object({ id: z.number(), title: z.string() });
 * const app = new Pottle(import.meta);
 * app.post("/todos", { body: Todo.omit({ id: true }), response: { 201: Todo } }, ({ body }) => reply(201, { id: 1, ...body }));
 * const response = await app.testClient().post("/todos", { json: { title: "write a test" } });
 * console.log(response.status, response.text()); // 201 {"id":1,"title":"write a test"}
 */
export function reply<const Status extends number, Value>(
  status: Status,
  value: Value,
  headers: HeadersLike = [],
): Reply<Status, Value> {
  option<number>("make a reply", "status", status).count({ from: 200, to: 599 });
  return new Reply<Status, Value>(status, value, new HeaderList(headers));
}
