import { option } from "../../base/options.ts";
import type { TemplateEngine, TemplateSettings } from "../jinja/template-engine.ts";
import type { AppInfo, ErrorTraps } from "../message/context.ts";
import { type BodyLimits, defaultBodyLimits } from "../routing/body-limits.ts";
import type { LoggingOptions } from "../logging/create-logger.ts";
import type { NoConverters } from "../routing/path-types.ts";
import { checkEngine, checkFolder, templatesOf } from "../templates/template-setup.ts";
import { type HostCheck, toHostCheck } from "../dispatch/trusted-hosts.ts";
import { defaultLimit, type RequestLimit, toRequestLimit } from "../routing/route.ts";
import type { RoutingOptions } from "./routing-options.ts";

/** The `import.meta` of the module that an application is made in. */
export interface ModuleMeta {
  /** The module's folder. */
  readonly dirname?: string;
  /** The module's URL. */
  readonly url?: string;
}

/** Options of an application. */
export interface PottleOptions<Values = NoConverters> extends RoutingOptions<Values>, BodyLimits, LoggingOptions {
  /**
   * Time limit of a request, in milliseconds, until its response has left; a route may have a `timeout` of its own. After
   * that it is cancelled and answered with 503; a response that was begun is cut off. `Infinity` lifts the limit.
   * @default 120_000 until the response begins; then it may take as long as it likes
   */
  readonly requestTimeout?: number;
  /**
   * Time, in milliseconds, that background tasks have to end when the application stops, before they are cancelled.
   * @default 5_000
   */
  readonly backgroundTaskTimeout?: number;
  /**
   * Whether a page with the stack and the source shows an error of the application to the client.
   * @default in development, as {@link isDevelopment} says, and to clients on the same machine
   */
  readonly development?: boolean;
  /**
   * The hosts under which the application is asked, without ports; one with a dot before it stands for itself and all names
   * below it. A request for another host is answered with 400.
   * @default any
   */
  readonly trustedHosts?: readonly string[];
  /**
   * Whether every {@link HTTPError} without a handler is taken for a failure of the program, to be reported with its stack and
   * answered with 500: to find where one comes from.
   * @default false
   */
  readonly trapHTTPErrors?: boolean;
  /**
   * The same for errors with the status 400 alone.
   * @default false
   */
  readonly trapBadRequestErrors?: boolean;
  /**
   * The folder for files of this installation, such as its configuration; a relative one begins at the application's folder.
   * @default "instance"
   */
  readonly instanceFolder?: string;
  /**
   * The folder with templates; a relative one begins at the folder of the application.
   * @default "templates"
   */
  readonly templateFolder?: string;
  /**
   * What renders the templates: an engine, or a function that makes one of the application's settings.
   * @default an engine for Jinja's templates
   */
  readonly templateEngine?: TemplateEngine | ((settings: TemplateSettings) => TemplateEngine);
}

const action = "make the application";

/** @internal The limits among {@link PottleOptions}, with the defaults filled in. */
export interface PottleLimits {
  readonly bodyLimits: Required<BodyLimits>;
  readonly checkHost: HostCheck | undefined;
  readonly traps: ErrorTraps;
  readonly requestLimit: RequestLimit;
  readonly backgroundTaskTimeout: number;
}

/**
 * @internal Fills in the defaults.
 *
 * @throws {RangeError} If an option is not a number that it can have.
 * @throws {TypeError} If an option is not a number.
 */
export function checkPottleOptions(options: Omit<PottleOptions, "converters">): PottleLimits {
  const { requestTimeout, backgroundTaskTimeout = 5_000 } = options;
  return {
    bodyLimits: toBodyLimits(action, options, defaultBodyLimits),
    checkHost: toHostCheck(options.trustedHosts),
    traps: toTraps(options),
    requestLimit: toRequestLimit(action, "requestTimeout", requestTimeout) ?? defaultLimit,
    backgroundTaskTimeout: checkLimit("backgroundTaskTimeout", backgroundTaskTimeout),
  };
}

/**
 * @internal The limits among options, with those that they leave out filled in. The same object, if they leave out all.
 *
 * @throws {RangeError} If a limit is not a number >= 0.
 * @throws {TypeError} If a limit is not a number.
 */
export function toBodyLimits<Limits extends Required<BodyLimits>>(
  what: string,
  options: BodyLimits,
  others: Limits,
): Limits {
  const given: Partial<Record<keyof BodyLimits, number>> = {};
  for (const name of bodyLimitNames) {
    const limit = options[name];
    if (limit !== undefined) given[name] = option(what, name, limit).number({ from: 0 });
  }
  return Object.keys(given).length === 0 ? others : { ...others, ...given };
}

const bodyLimitNames = Object.keys(defaultBodyLimits) as readonly (keyof BodyLimits)[];

function toTraps({ trapHTTPErrors = false, trapBadRequestErrors = false }: PottleOptions): ErrorTraps {
  option(action, "trapHTTPErrors", trapHTTPErrors).boolean();
  option(action, "trapBadRequestErrors", trapBadRequestErrors).boolean();
  return { all: trapHTTPErrors, badRequest: trapBadRequestErrors };
}

/** @internal Takes the options of templates over, if there are any. */
export function setUpTemplates(app: AppInfo, options: Pick<PottleOptions, "templateFolder" | "templateEngine">): void {
  const { templateFolder, templateEngine } = options;
  const folder = checkFolder(action, templateFolder);
  const engine = checkEngine(action, templateEngine);
  if (folder !== undefined) templatesOf(app).folder = folder;
  if (engine !== undefined) templatesOf(app).chosen = engine;
}

function checkLimit(name: string, limit: number): number {
  return option(action, name, limit).number({ from: 0 });
}
