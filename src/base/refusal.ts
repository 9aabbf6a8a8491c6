// The one form of a refusal: what cannot be done, the rule that was broken, and the value that broke it.

import { show } from "./show.ts";

/**
 * @internal The message of a refusal: `Cannot <action> as <rule>: current value is <value>`. Where the value may hold a
 * secret, pass what may be shown of it, as {@link Shown}.
 */
export function cannot(action: string, rule: string, value: unknown): string {
  return `Cannot ${action} as ${rule}: current value is ${value instanceof Shown ? value.text : show(value)}`;
}

/** @internal The error of a refusal of what is not of the right kind. */
export function wrongType(action: string, rule: string, value: unknown): TypeError {
  return new TypeError(cannot(action, rule, value));
}

/** @internal The error of a refusal of what is of the right kind, but not one of the values that are possible. */
export function outOfRange(action: string, rule: string, value: unknown): RangeError {
  return new RangeError(cannot(action, rule, value));
}

/** @internal A text that stands for a value in a message, as it is. */
export class Shown {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
