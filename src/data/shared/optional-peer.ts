import { codeOf } from "../../base/error-code.ts";

/**
 * Says that a package is missing that Pottle does not bring along itself, because not everybody needs it. The message
 * has the line that installs it.
 *
 * @example
 * const error = new MissingPackageError("pg", "use PostgreSQL");
 * console.log(error.message); // Cannot use PostgreSQL as the package "pg" is not installed: run `npm install pg`
 */
export class MissingPackageError extends Error {
  override readonly name = "MissingPackageError";
  /** The name of the package. */
  readonly packageName: string;

  constructor(packageName: string, action: string, options?: ErrorOptions) {
    super(
      `Cannot ${action} as the package "${packageName}" is not installed: run \`npm install ${packageName}\``,
      options,
    );
    this.packageName = packageName;
  }
}

/**
 * @internal Loads a package that users install themselves.
 *
 * @param packageName - Its name.
 * @param action - What it is needed for, as in "use PostgreSQL".
 * @param load - Imports it: `() => import("pg")`, with the name written out, so that bundlers see it.
 * @throws {MissingPackageError} If it is not installed.
 */
export async function loadOptionalPeer<T>(packageName: string, action: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (isMissing(error, packageName)) throw new MissingPackageError(packageName, action, { cause: error });
    throw error;
  }
}

// A package that is there but lacks one of its own fails with the same code, and must not be called missing.
function isMissing(error: unknown, packageName: string): boolean {
  if (!["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(codeOf(error) ?? "")) return false;
  return (error as Error).message.includes(`'${packageName}'`);
}
