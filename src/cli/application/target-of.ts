import { UsageError } from "../errors.ts";

/**
 * The one argument that names an application.
 *
 * @throws {UsageError} If there is none, or there are more.
 */
export function targetOf([target, ...others]: readonly string[]): string {
  if (target === undefined) throw new UsageError("the file of the application is missing, such as app.ts");
  if (others.length > 0) throw new UsageError(`there is one file, not also '${others.join("', '")}'`);
  return target;
}
