import { inspect } from "node:util";
import { describeThrown, withoutInnerFrames } from "../user-frames.ts";

/** The text that the prompt shows for a value. */
export function describeValue(value: unknown, colors = false): string {
  return withoutInnerFrames(inspect(value, { colors }));
}

/** The text that the prompt shows for an error: its stack, without the frames of the prompt. */
export function describeError(error: unknown, colors = false): string {
  // An error without a stack would be shown in brackets.
  const isBare = error instanceof Error && error.stack === String(error);
  return `Uncaught ${isBare ? String(error) : describeThrown(error, colors)}`;
}
