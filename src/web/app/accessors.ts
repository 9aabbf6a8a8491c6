import { option } from "../../base/options.ts";
import type { UrlValues } from "../routing/build-path.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { Pottle } from "./pottle.ts";
import { type AfterRequest, currentContext, outside, requireRequest } from "../message/context.ts";

/**
 * The request that is being answered, for helpers that do not get it as an argument. It is found in the view and in the
 * code that it calls or starts, in hooks, in error handlers, in streamed bodies and in teardown.
 *
 * @throws {InvalidStateError} If there is none.
 * @example
 * const language = () => request().headers.get("accept-language") ?? "en";
 * const app = new Pottle(import.meta);
 * app.get("/", () => `You speak ${language()}`);
 * console.log((await app.testClient().get("/", { headers: { "Accept-Language": "de" } })).text()); // You speak de
 */
export function request(): HttpRequest {
  return requireRequest("request()").request;
}

/**
 * An object that belongs to the request that is being answered, for values that hooks and views share: those
 * that a `beforeRequest` puts there are found in the view and in teardown. In a background task it belongs to the task. Its type
 * is the caller's word.
 *
 * @throws {InvalidStateError} If there is neither a request nor a background task.
 * @example
 * interface Shared {
 *   user: string;
 * }
 * const app = new Pottle(import.meta);
 * app.beforeRequest(() => void (g<Shared>().user = "ada"));
 * app.get("/", () => g<Shared>().user);
 * console.log((await app.testClient().get("/")).text()); // ada
 */
export function g<T extends object = Record<string, unknown>>(): T {
  const context = currentContext.get();
  if (context === undefined) throw outside("g()", "a request or a background task");
  return (context.shared ??= {}) as T;
}

/**
 * The application that answers the current request, or that a background task or a `beforeServing` hook belongs to. Of
 * mounted applications it is the inner one.
 *
 * @throws {InvalidStateError} If there is none.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/", () => String(currentApp() === app));
 * console.log((await app.testClient().get("/")).text()); // true
 */
export function currentApp(): Pottle {
  const context = currentContext.get();
  if (context === undefined) throw outside("currentApp()", "a request, a background task or a hook of an application");
  // A context is only ever made by an application.
  return context.app as Pottle;
}

/**
 * Builds a URL as `urlFor` of the current application does, for modules that do not know their application, such as those
 * of blueprints.
 *
 * @throws {InvalidStateError} If there is no current application.
 * @throws {BuildError} If there is no such route, or a value is missing or not one that its parameter can have.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/todos/<int:id>", ({ id }) => urlFor("/todos/<int:id>", { id: id + 1 }));
 * console.log((await app.testClient().get("/todos/1")).text()); // /todos/2
 */
export function urlFor(name: string, values: UrlValues = {}): string {
  return currentApp().urlFor(name, values);
}

/**
 * Registers a function that changes the response of this request alone, before the `afterRequest` hooks do.
 *
 * @throws {InvalidStateError} If there is no request.
 * @throws {TypeError} If `fn` is not a function.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/", () => {
 *   afterThisRequest((response) => void response.headers.set("X-Seen", "yes"));
 *   return "Hello";
 * });
 * console.log((await app.testClient().get("/")).headers.get("X-Seen")); // yes
 */
export function afterThisRequest(fn: AfterRequest): void {
  const context = requireRequest("afterThisRequest()");
  option("use afterThisRequest()", "fn", fn).function();
  (context.afterThis ??= []).push(fn);
}
