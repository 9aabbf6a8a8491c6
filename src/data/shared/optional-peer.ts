import { codeOf } from "../../base/error-code.ts";

/**
 * A package is missing that must be installed separately, because Pottle does not depend on it. The message contains
 * the command that installs it.
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
 * @internal Loads a package that users install separately.
 *
 * @param packageName - The name of the package.
 * @param action - The action that needs it, such as "use PostgreSQL".
 * @param load - Imports it: `() => import("pg")`. The name must be a literal, so that bundlers see it.
 * @throws {MissingPackageError} If the package is not installed.
 */
export async function loadOptionalPeer<T>(packageName: string, action: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (isMissing(error, packageName)) throw new MissingPackageError(packageName, action, { cause: error });
    throw error;
  }
}

// An installed package that lacks one of its own dependencies fails with the same code, and must not be reported as
// missing.
function isMissing(error: unknown, packageName: string): boolean {
  if (!["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(codeOf(error) ?? "")) return false;
  return (error as Error).message.includes(`'${packageName}'`);
}
