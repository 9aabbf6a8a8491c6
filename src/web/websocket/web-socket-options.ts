import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import type { ViewOptions } from "../routing/route.ts";
import type { AllowedOrigins } from "./check-origin.ts";

/** Options of a route for WebSockets. */
export interface WebSocketOptions extends Pick<
  ViewOptions,
  "name" | "strictSlashes" | "mergeSlashes" | "defaults" | "host" | "subdomain"
> {
  /**
   * The pages that may open it, by the header `Origin` of their browser; others are answered with 403. Clients that send
   * none, which are no browsers, may always.
   * @default "same"
   */
  readonly origins?: AllowedOrigins;
  /**
   * Time limit, in milliseconds, until it is accepted. After that it is cancelled and answered with 503. `Infinity` for no
   * limit.
   * @default `requestTimeout` of the application
   */
  readonly timeout?: number;
  /**
   * Time limit, in milliseconds, from when it is accepted. After that the view is cancelled, and the WebSocket closed with
   * 1001.
   * @default Infinity
   */
  readonly lifetime?: number;
}

/** @internal Options that have been checked, with the defaults filled in. */
export interface WebSocketSettings {
  readonly origins: AllowedOrigins;
  readonly lifetime: number;
}

/**
 * @internal Checks the options that are those of WebSockets only.
 *
 * @throws {TypeError} If one is of the wrong type, or an origin is not one: `https://example.com`.
 * @throws {RangeError} If `lifetime` is not above 0.
 */
export function checkWebSocketOptions(path: string, options: WebSocketOptions): WebSocketSettings {
  const action = `route '${path}'`;
  const { origins = "same", lifetime = Infinity } = options;
  return {
    origins: checkOrigins(action, origins),
    lifetime: option(action, "lifetime", lifetime).milliseconds({ above: 0 }),
  };
}

function checkOrigins(action: string, origins: AllowedOrigins): AllowedOrigins {
  if (origins === "same" || origins === "any" || typeof origins === "function") return origins;
  const must = `'origins' must be "same", "any", a function or a list of origins such as "https://example.com"`;
  if (!Array.isArray(origins)) throw wrongType(action, must, origins);
  const bad = (origins as unknown[]).find((one) => typeof one !== "string" || URL.parse(one)?.origin !== one);
  if (bad !== undefined) throw wrongType(action, must, bad);
  return [...(origins as readonly string[])];
}
