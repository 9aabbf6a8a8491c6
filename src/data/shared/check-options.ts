import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";

/**
 * @internal Checks that `options` is an object that has only `known` options, so that a misspelt option is not ignored.
 *
 * @param action - The action that bad options prevent: `connect to Redis`.
 * @throws {TypeError} If the check fails. The message shows no value, because it may be a password.
 */
export function checkOptions(action: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw wrongType(action, "its options must be an object", options, showKind);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TypeError(`Cannot ${action} as '${name}' is not an option: there are ${known.join(", ")}`);
  }
}
