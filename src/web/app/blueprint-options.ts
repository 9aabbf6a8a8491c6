import { cannot, wrongType } from "../../base/refusal.ts";
import { SetupError } from "../errors/setup-error.ts";
import type { PathConverters } from "../routing/path-converter.ts";
import { checkPrefix, PathSyntaxError } from "../routing/path-pattern.ts";
import type { CheckedPrefix, NoConverters } from "../routing/path-types.ts";

/** Options of a blueprint. */
export interface BlueprintOptions<Prefix extends string, Values = NoConverters, Host extends string = string> {
  /**
   * The beginning of the paths of its routes: `/todos`, `/<org>/todos`. The views get its parameters with their own.
   * @default ""
   */
  readonly prefix?: CheckedPrefix<Prefix, Values>;
  /**
   * The host of its routes: `<tenant>.example.com`. The views get its parameters with their own.
   * @default that of the blueprint around it, or any
   */
  readonly host?: Host;
  /**
   * The subdomain of its routes, before that of a blueprint around it and the application's `serverName`.
   * @default that of the blueprint around it, or any
   */
  readonly subdomain?: Host;
  /**
   * Converters for its paths, besides the built-in ones.
   * @default none
   */
  readonly converters?: PathConverters<Values>;
  /**
   * A folder whose files are served under `staticUrlPath`, by the name `static`. A relative one begins at the folder of the
   * application: `join(import.meta.dirname, "static")` is that of the module.
   * @default none
   */
  readonly staticFolder?: string;
  /**
   * The path of its files, after the prefix.
   * @default "/static"
   */
  readonly staticUrlPath?: string;
  /**
   * A folder with templates, which is searched after that of the application; a relative one begins at the folder of the
   * application.
   * @default none
   */
  readonly templateFolder?: string;
}

/**
 * @internal Checks the options that the blueprint does not read itself.
 *
 * @throws {SetupError} If it has both a host and a subdomain.
 * @throws {TypeError} If one of them is not text.
 * @throws {PathSyntaxError} If `staticUrlPath` is not a prefix, or has a parameter.
 */
export function checkBlueprintOptions<Options extends BlueprintOptions<never, never>>(
  name: string,
  options: Options,
): Options {
  const { host, subdomain, staticUrlPath } = options;
  for (const [key, value] of Object.entries({ host, subdomain })) {
    if (value !== undefined && typeof value !== "string") {
      throw wrongType(`make blueprint '${name}'`, `'${key}' must be text`, value);
    }
  }
  if (host !== undefined && subdomain !== undefined) {
    throw new SetupError(`Cannot make blueprint '${name}' as it has both 'host' and 'subdomain'`);
  }
  if (staticUrlPath !== undefined && checkPrefix(staticUrlPath)) {
    throw new PathSyntaxError(staticUrlPath, "the path of files has no parameters");
  }
  return options;
}

/**
 * @internal Checks the name of a blueprint or of a route of one.
 *
 * @throws {SetupError} If it is empty, or has a dot in it.
 */
export function checkName(name: string): string {
  if (typeof name === "string" && name !== "" && !name.includes(".")) return name;
  throw new SetupError(cannot("name a blueprint or a route", "its name must be text without dots", name));
}
