import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { html } from "../html/html.ts";
import { makeResponse } from "./from-result.ts";
import type { HttpResponse } from "./http-response.ts";

/** The statuses of a redirect. With 307 and 308 the client sends method and body again, with 303 it gets. */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308;

const statuses: readonly RedirectStatus[] = [301, 302, 303, 307, 308];

/**
 * Sends the client on to another address. What may not stand in a URL is encoded, what is encoded already is left.
 *
 * An address that comes from the request may lead anywhere: check that it is one of yours before.
 *
 * @param location A path or a URL.
 * @throws {TypeError} If `location` is empty, no URL, or has a line break or another control character in it.
 * @throws {RangeError} If `status` is none of a redirect.
 * @example
 * const app = new Pottle(import.meta);
 * app.post("/todos", () => redirect("/todos/é?page=1", 303));
 * const response = await app.testClient().post("/todos");
 * console.log(response.status, response.headers.get("location")); // 303 /todos/%C3%A9?page=1
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.4
 */
export function redirect(location: string | URL, status: RedirectStatus = 302): HttpResponse {
  option("redirect", "status", status).oneOf(statuses);
  const target = encodeLocation(String(location));
  const link = html`<a href="${target}">${target}</a>`;
  return makeResponse(
    html`<!doctype html>
      <p>This is elsewhere: ${link}</p>`,
    status,
    { Location: target },
  );
}

function encodeLocation(location: string): string {
  if (location === "" || /\p{Cc}/u.test(location)) {
    throw wrongType("redirect", "'location' must be text without control characters", location);
  }
  // A backslash is a slash to browsers, and two of them would lead to another host.
  return withAsciiHost(location.toWellFormed()).replace(/[^\x21-\x7e]+|["<>\\^`{|}]/g, encodeURIComponent);
}

/** The host of a URL has an encoding of its own. */
function withAsciiHost(location: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*\P{ASCII}/iu.test(location)) return location;
  const url = URL.parse(location);
  if (url !== null) return url.href;
  throw wrongType("redirect", "'location' must be a URL", location);
}
