import { inspect, stripVTControlCharacters } from "node:util";

const ownFolder = new URL("../../", import.meta.url).href;

/** What is shown of a value at the prompt. */
export function describeValue(value: unknown, colors = false): string {
  return withoutOwnFrames(inspect(value, { colors }));
}

/** What is shown of an error at the prompt: its stack, without the frames of what runs the line. */
export function describeError(error: unknown, colors = false): string {
  // One without a stack would be shown in brackets.
  const isBare = error instanceof Error && error.stack === String(error);
  return `Uncaught ${isBare ? String(error) : withoutOwnFrames(inspect(error, { colors }))}`;
}

function withoutOwnFrames(text: string): string {
  return text
    .split("\n")
    .filter((line) => !isOwnFrame(line))
    .join("\n");
}

// What runs the line, below it, and what of Pottle's own the error came from, above it.
function isOwnFrame(line: string): boolean {
  const plain = stripVTControlCharacters(line);
  return /^\s+at /.test(plain) && (plain.includes(ownFolder) || /node:(vm|internal)/.test(plain));
}
