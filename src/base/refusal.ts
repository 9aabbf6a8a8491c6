// The form of all messages about bad values: what cannot be done, the rule that was broken, and the value that broke
// it.

import { show } from "./show.ts";

/**
 * @internal A function that formats the value: {@link show}, unless the value may contain a secret or a user's data.
 */
export type Format = (value: unknown) => string;

/** @internal The message for a bad value: `Cannot <action> as <rule>: current value is <value>`. */
export function cannot(action: string, rule: string, value: unknown, format: Format = show): string {
  return `Cannot ${action} as ${rule}: current value is ${format(value)}`;
}

/** @internal The error for a value of the wrong type. */
export function wrongType(action: string, rule: string, value: unknown, format?: Format): TypeError {
  return new TypeError(cannot(action, rule, value, format));
}

/** @internal The error for a value of the right type that is not allowed. */
export function outOfRange(action: string, rule: string, value: unknown, format?: Format): RangeError {
  return new RangeError(cannot(action, rule, value, format));
}
