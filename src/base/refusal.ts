// The one form of a refusal: what cannot be done, the rule that was broken, and the value that broke it.

import { show } from "./show.ts";

/** @internal How a value is shown: {@link show}, unless it may hold a secret or a user's data. */
export type Format = (value: unknown) => string;

/** @internal The message of a refusal: `Cannot <action> as <rule>: current value is <value>`. */
export function cannot(action: string, rule: string, value: unknown, format: Format = show): string {
  return `Cannot ${action} as ${rule}: current value is ${format(value)}`;
}

/** @internal The error of a refusal of what is not of the right kind. */
export function wrongType(action: string, rule: string, value: unknown, format?: Format): TypeError {
  return new TypeError(cannot(action, rule, value, format));
}

/** @internal The error of a refusal of what is of the right kind, but not one of the values that are possible. */
export function outOfRange(action: string, rule: string, value: unknown, format?: Format): RangeError {
  return new RangeError(cannot(action, rule, value, format));
}
