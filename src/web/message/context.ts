/**
 * What belongs to one request, or to one background task of an application, and is found from anywhere in it: the story
 * behind `request()`, `g()` and `currentApp()`.
 *
 * It is the value of one context variable. A task starts with a copy of its creator's, so whatever a view starts finds
 * it, and no other request does. A mounted application sets its own, and the outer one is put back after it.
 */

import { ambient, ContextVar } from "../../asyncio/index.ts";
import type { AfterRequest } from "../app/hooks.ts";
import type { HttpRequest } from "./http-request.ts";
import type { Layer } from "../app/nesting.ts";
import type { Pottle } from "../app/pottle.ts";

/** What the accessors find. */
export class AppContext {
  /** The application. */
  readonly app: Pottle;
  /** A place for what hooks and views share; made when it is first asked for. */
  shared: object | undefined;

  constructor(app: Pottle) {
    this.app = app;
  }
}

/** What the accessors find in a request. */
export class RequestContext {
  /** The application. */
  readonly app: Pottle;
  /** A place for what hooks and views share; made when it is first asked for. */
  shared: object | undefined;
  /** The request. */
  readonly request: HttpRequest;
  /** The layer of its view; that of the application, if it has none. */
  readonly layer: Layer;
  /** Where the application is mounted that answers. */
  readonly basePath: string;
  /** What is to be done with its response alone. */
  afterThis: AfterRequest[] | undefined;
  /** Whether a hook that had the response failed. */
  haveHooksFailed = false;

  constructor(app: Pottle, request: HttpRequest, layer: Layer, basePath: string) {
    this.app = app;
    this.request = request;
    this.layer = layer;
    this.basePath = basePath;
  }
}

type AnyContext = AppContext | RequestContext;

/** The context of the code that asks; `undefined` outside. */
export const currentContext: ContextVar<AnyContext | undefined> = ambient(
  "web.context",
  () => new ContextVar<AnyContext | undefined>("pottle context", undefined),
);

/** The context of the current request; `undefined` outside. */
export function currentRequestContext(): RequestContext | undefined {
  const context = currentContext.get();
  return context !== undefined && "request" in context ? context : undefined;
}
