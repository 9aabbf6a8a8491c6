import { randomUUID } from "node:crypto";
import { option } from "../../base/options.ts";
import { outOfRange } from "../../base/refusal.ts";
import { isToken } from "../../http/index.ts";
import { readRequestIdsBy } from "../contexts/request-id.ts";
import { requireRequest } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { type Hooked, requireHooks } from "./hooked.ts";

/** Options of {@link requestIds}. */
export interface RequestIdOptions {
  /**
   * The header that carries the id.
   * @default "X-Request-Id"
   */
  readonly header?: string;
  /**
   * Whether an id that the request brings is taken over, if it is one: up to 128 letters, digits and `-_.:/+=`. Only behind a
   * proxy that sets it: anyone can send one.
   * @default false
   */
  readonly trustIncoming?: boolean;
  /**
   * Makes an id.
   * @default a random UUID
   */
  readonly generate?: (request: HttpRequest) => string;
}

const action = "set up request ids";
const syntax = /^[\w\-.:/+=]{1,128}$/;
const ids = new WeakMap<HttpRequest, string>();

/**
 * Gives each request an id, found by `requestId()`, and sends it with the response, errors included: what a user reports and
 * what the log says can be put together by it.
 *
 * @throws {RangeError} If `header` is no token.
 * @throws {TypeError} If an option has the wrong type.
 * @example
 * const app = new Pottle(import.meta);
 * requestIds(app, { generate: () => "7" });
 * app.get("/", () => `This is request ${requestId()}`);
 * const response = await app.testClient().get("/");
 * console.log(response.text(), response.headers.get("X-Request-Id")); // This is request 7 7
 */
export function requestIds(app: Hooked, options: RequestIdOptions = {}): void {
  requireHooks(app, action);
  const { header = "X-Request-Id", trustIncoming = false, generate = () => randomUUID() } = options;
  if (typeof header !== "string" || !isToken(header)) throw outOfRange(action, "'header' must be a token", header);
  option(action, "trustIncoming", trustIncoming).boolean();
  option(action, "generate", generate).function();
  const idOf = (request: HttpRequest): string => {
    const incoming = trustIncoming ? request.headers.get(header) : undefined;
    return incoming !== undefined && syntax.test(incoming) ? incoming : generate(request);
  };
  readRequestIdsBy((request) => ids.get(request));
  app.beforeRequest((request) => void ids.set(request, idOf(request)));
  app.afterRequest((response, request) => {
    const id = ids.get(request);
    if (id !== undefined) response.headers.set(header, id);
  });
}

/**
 * The id of the current request; `undefined` if its application gives none.
 *
 * @throws {InvalidStateError} If there is no request.
 */
export function requestId(): string | undefined {
  return ids.get(requireRequest("requestId()").request);
}
