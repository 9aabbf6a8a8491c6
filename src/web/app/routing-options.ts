import { option } from "../../base/options.ts";
import { outOfRange } from "../../base/refusal.ts";
import { noConverters, type OwnConverters } from "../routing/converters.ts";
import { checkConverters, type PathConverters } from "../routing/path-converter.ts";

/** Options of an application for its routes and URLs. */
export interface RoutingOptions<Values> {
  /**
   * Converters for paths, besides the built-in ones. Blueprints have their own.
   * @default none
   */
  readonly converters?: PathConverters<Values>;
  /**
   * Whether a slash at the end of a path counts, for routes that do not say.
   * @default true
   */
  readonly strictSlashes?: boolean;
  /**
   * Whether paths with slashes that follow each other are sent on to the right ones, for routes that do not say.
   * @default true
   */
  readonly mergeSlashes?: boolean;
  /**
   * Whether OPTIONS requests are answered with the methods of the path, for routes that do not say.
   * @default true
   */
  readonly provideAutomaticOptions?: boolean;
  /**
   * The host of the application, with its port: for URLs with a host, and before it the subdomains of routes. Requests for
   * other hosts are answered too.
   * @default that of the request
   */
  readonly serverName?: string;
  /**
   * The scheme of URLs that are built outside a request.
   * @default "http"
   */
  readonly preferredUrlScheme?: string;
}

/** @internal The options with the defaults filled in. */
export interface RoutingSettings {
  readonly converters: OwnConverters;
  readonly strictSlashes: boolean;
  readonly mergeSlashes: boolean;
  readonly provideAutomaticOptions: boolean;
  readonly serverName: string | undefined;
  readonly preferredUrlScheme: string;
}

const action = "make the application";

/**
 * @internal Fills in the defaults.
 *
 * @throws {TypeError} If an option is not of its type, or a converter is none.
 * @throws {RangeError} If `serverName` is not a host.
 */
export function checkRoutingOptions<Values>(options: RoutingOptions<Values>): RoutingSettings {
  const { strictSlashes = true, mergeSlashes = true, provideAutomaticOptions = true } = options;
  const { converters, serverName, preferredUrlScheme = "http" } = options;
  if (serverName !== undefined && !/^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d+)?$/.test(serverName)) {
    throw outOfRange(action, "'serverName' must be a host, with a port or without", serverName);
  }
  if (!/^[a-z][a-z\d+.-]*$/i.test(preferredUrlScheme)) {
    throw outOfRange(action, "'preferredUrlScheme' must be a scheme such as 'https'", preferredUrlScheme);
  }
  return {
    converters: converters === undefined ? noConverters : checkConverters(converters),
    strictSlashes: option(action, "strictSlashes", strictSlashes).boolean(),
    mergeSlashes: option(action, "mergeSlashes", mergeSlashes).boolean(),
    provideAutomaticOptions: option(action, "provideAutomaticOptions", provideAutomaticOptions).boolean(),
    serverName: serverName?.toLowerCase(),
    preferredUrlScheme,
  };
}
