import { option } from "../../base/options.ts";
import type { TemplateEngine, TemplateSettings } from "../jinja/template-engine.ts";
import { checkEngine, checkFolder, templatesOf } from "../templates/template-setup.ts";
import type { AppInfo } from "../message/context.ts";
import { defaultLimit, type RequestLimit, toRequestLimit } from "../routing/route.ts";

/** The `import.meta` of the module that an application is made in. */
export interface ModuleMeta {
  /** The module's folder. */
  readonly dirname?: string;
  /** The module's URL. */
  readonly url?: string;
}

/** Options of an application. */
export interface PottleOptions {
  /**
   * Size limit of a request's body, in bytes. A larger one is answered with 413 when it is read.
   * @default 16_777_216
   */
  readonly maxContentLength?: number;
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
  readonly maxContentLength: number;
  readonly requestLimit: RequestLimit;
  readonly backgroundTaskTimeout: number;
}

/**
 * @internal Fills in the defaults.
 *
 * @throws {RangeError} If an option is not a number that it can have.
 * @throws {TypeError} If an option is not a number.
 */
export function checkPottleOptions(options: PottleOptions): PottleLimits {
  const { maxContentLength = 2 ** 24, requestTimeout, backgroundTaskTimeout = 5_000 } = options;
  return {
    maxContentLength: checkLimit("maxContentLength", maxContentLength),
    requestLimit: toRequestLimit(action, "requestTimeout", requestTimeout) ?? defaultLimit,
    backgroundTaskTimeout: checkLimit("backgroundTaskTimeout", backgroundTaskTimeout),
  };
}

/** @internal Takes the options of templates over, if there are any. */
export function setUpTemplates(app: AppInfo, { templateFolder, templateEngine }: PottleOptions): void {
  const folder = checkFolder(action, templateFolder);
  const engine = checkEngine(action, templateEngine);
  if (folder !== undefined) templatesOf(app).folder = folder;
  if (engine !== undefined) templatesOf(app).chosen = engine;
}

function checkLimit(name: string, limit: number): number {
  return option(action, name, limit).number({ from: 0 });
}
