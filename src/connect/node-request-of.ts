import type { IncomingMessage, ServerResponse } from "node:http";
import { ContextVar, InvalidStateError } from "../asyncio/index.ts";
import type { NodeCall } from "./node-call.ts";

/** The call that the middlewares around the current request have seen. */
export const currentCall: ContextVar<NodeCall | undefined> = new ContextVar<NodeCall | undefined>(
  "request of node:http",
  undefined,
);

/**
 * The request that the middlewares around the current request have seen, with what they have put on it: `user` of passport,
 * `session`, `body`, `file` of multer.
 *
 * @typeParam Extra - What the middlewares have put on it. It is taken as given.
 * @throws {InvalidStateError} If there are no middlewares of `fromConnect()` around the calling code.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/", () => `Hello ${nodeRequest<{ user: string }>().user}`);
 * app.use(fromConnect([(req, _res, next) => next(void Object.assign(req, { user: "Ada" }))]));
 * console.log((await app.testClient().get("/")).text()); // Hello Ada
 */
export function nodeRequest<Extra extends object = object>(): IncomingMessage & Extra {
  return requireCall("nodeRequest()").request as unknown as IncomingMessage & Extra;
}

/**
 * The response that the middlewares around the current request have seen: headers and cookies that are set on it before the
 * view returns are sent with the view's response.
 *
 * @throws {InvalidStateError} If there are no middlewares of `fromConnect()` around the calling code.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/", () => {
 *   nodeResponse().setHeader("X-By", "hand");
 *   return "Hello";
 * });
 * app.use(fromConnect([(_req, _res, next) => next()]));
 * console.log((await app.testClient().get("/")).headers.get("X-By")); // hand
 */
export function nodeResponse(): ServerResponse {
  return requireCall("nodeResponse()").response;
}

function requireCall(action: string): NodeCall {
  const call = currentCall.get();
  if (call !== undefined) return call;
  const rule = "it must be called in a request behind middlewares of fromConnect(): there are none here";
  throw new InvalidStateError(`Cannot use ${action} as ${rule}`);
}
