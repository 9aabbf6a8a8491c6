import type { HttpRequest } from "../message/http-request.ts";
import type { HttpResponse } from "../message/http-response.ts";
import { type Hooked, requireHooks } from "./hooked.ts";

/**
 * Gives each response to GET and HEAD with the status 200, whose body is a string or bytes, an `ETag` made of its body, and
 * answers with 304 if the client has this version: the view runs all the same, but nothing is sent twice. A response that has
 * an `ETag` keeps it; one with `Cache-Control: no-store` gets none.
 *
 * The hooks of an application run in reverse order, so call it after `compress()`: a tag is of the body before it is
 * compressed, and is weak then.
 *
 * @throws {TypeError} If `app` has no hooks.
 * @example
 * const app = new Pottle(import.meta);
 * etags(app);
 * app.get("/", () => "Hello");
 * const client = app.testClient();
 * const etag = (await client.get("/")).headers.get("ETag") ?? "";
 * console.log((await client.get("/", { headers: { "If-None-Match": etag } })).status); // 304
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
 */
export function etags(app: Hooked): void {
  requireHooks(app, "set up ETags");
  app.afterRequest((response, request) => {
    if (hasTag(response, request)) response.addEtag().makeConditional(request);
  });
}

function hasTag({ status, body, cacheControl }: HttpResponse, { method }: HttpRequest): boolean {
  if (status !== 200 || (method !== "GET" && method !== "HEAD")) return false;
  return (typeof body === "string" || body instanceof Uint8Array) && !cacheControl.noStore;
}
