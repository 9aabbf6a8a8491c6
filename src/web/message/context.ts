/**
 * The state of one request, or of one background task of an application, that is found from anywhere in it: the story
 * behind `request()`, `g()` and `currentApp()`.
 *
 * It is the value of one context variable. A task starts with a copy of its creator's value, so whatever a view starts
 * finds it, and no other request does. A mounted application sets its own, and the outer one is put back after it.
 */

import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { ambient, ContextVar, InvalidStateError } from "../../asyncio/index.ts";
import type { HeaderList } from "../../http/index.ts";
import type { HttpRequest } from "./http-request.ts";
import type { HttpResponse } from "./http-response.ts";
import type { JSONProvider } from "./json-provider.ts";

/** Which of the errors that are answers are taken for failures of the program, to be reported with their stack. */
export interface ErrorTraps {
  /** All of them. */
  readonly all: boolean;
  /** Those with the status 400. */
  readonly badRequest: boolean;
}

/** The properties of an application that its lower rooms need. */
export interface AppInfo {
  /** The folder of the module that it was made in. */
  readonly rootPath: string;
  /** Whether errors are shown to clients; `undefined` if the application was not told. */
  readonly development: boolean | undefined;
  /** Makes JSON of what views return. */
  readonly json: JSONProvider;
  /** Which error statuses are failures of the program. */
  readonly traps: ErrorTraps;
}

/** Runs before a response is sent: it may change it, or return another in its place. */
export type AfterRequest = (
  response: HttpResponse,
  request: HttpRequest,
) => HttpResponse | undefined | void | PromiseLike<HttpResponse | undefined | void>;

/**
 * Adds headers to whatever answers a request, right before its head is sent: the response of a view, of an error handler or
 * of a mounted application, an error page, or the acceptance of a WebSocket. It runs again if that response could not be sent and another takes its place.
 * If it fails, it does not run again.
 */
export type ResponseFinisher = (headers: HeaderList) => void | PromiseLike<void>;

/** The current application, and the current request if there is one. */
export class Context {
  /** The application. */
  readonly app: AppInfo;
  /** The request; `undefined` in a background task, and in a start or stop function. */
  readonly request: HttpRequest | undefined;
  /** The name of the blueprint of its view, within those around it; empty if it has none. */
  readonly blueprint: string;
  /** The path under which the application is mounted. */
  readonly basePath: string;
  /** The object of `g()`; made when it is first asked for. */
  shared: object | undefined;
  /** Functions that change the response of this request alone. */
  afterThis: AfterRequest[] | undefined;
  /** Functions that add headers to whatever answers this request. */
  finishers: ResponseFinisher[] | undefined;
  /** The view that the request was routed to; `undefined` if it has none. */
  readonly view: object | undefined;

  constructor(app: AppInfo, request?: HttpRequest, blueprint = "", basePath = "", view?: object) {
    this.app = app;
    this.request = request;
    this.blueprint = blueprint;
    this.basePath = basePath;
    this.shared = undefined;
    this.afterThis = undefined;
    this.finishers = undefined;
    this.view = view;
  }

  /** Whether it is that of a WebSocket. */
  get isSocket(): boolean {
    return false;
  }
}

/** A context with a request. */
export type RequestContext = Context & { readonly request: HttpRequest };

/** The context of the calling code; `undefined` outside. */
export const currentContext: ContextVar<Context | undefined> = ambient(
  "web.context",
  () => new ContextVar<Context | undefined>("pottle context", undefined),
);

/** The context of the current request; `undefined` outside. */
export function currentRequestContext(): RequestContext | undefined {
  const context = currentContext.get();
  return hasRequest(context) ? context : undefined;
}

/**
 * The context of the current request.
 *
 * @param action The function that needs it, for the error.
 * @throws {InvalidStateError} If there is none.
 */
export function requireRequest(action: string): RequestContext {
  const context = currentRequestContext();
  if (context === undefined) throw outside(action, "a request");
  return context;
}

/**
 * Checks that a value is an application, as those made here are found by it in a request. A blueprint is not one.
 *
 * @throws {TypeError} If it is not.
 */
export function requireApp(action: string, app: AppInfo): void {
  if (typeof (app as Partial<AppInfo> | null)?.rootPath === "string") return;
  throw wrongType(action, "'app' must be an application", app, showKind);
}

/** Makes the error for a function that is called outside of `place`. */
export function outside(action: string, place: string): InvalidStateError {
  return new InvalidStateError(`Cannot use ${action} as it must be called in ${place}: there is none here`);
}

function hasRequest(context: Context | undefined): context is RequestContext {
  return context?.request !== undefined;
}
