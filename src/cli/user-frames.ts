import { inspect, stripVTControlCharacters } from "node:util";

const ownFolder = new URL("../", import.meta.url).href;

/** A value that was thrown, as `console.error` shows it, but with the frames of the user's code only. */
export function describeThrown(thrown: unknown, colors = false): string {
  return withoutInnerFrames(inspect(thrown, { colors }));
}

/** Whether a stack has a frame of the user's code. */
export function hasUserFrame({ stack = "" }: Error): boolean {
  return stack.split("\n").some((line) => isFrame(line) && !isInnerFrame(line));
}

/** Removes the frames of Node and of Pottle from an error's text. */
export function withoutInnerFrames(text: string): string {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (!isInnerFrame(line)) lines.push(line);
    // The properties of an error begin behind its last frame.
    else if (line.endsWith(" {") && lines.length > 0) lines.push(`${lines.pop()!} {`);
  }
  return lines.join("\n");
}

function isInnerFrame(line: string): boolean {
  const plain = stripVTControlCharacters(line);
  return isFrame(plain) && (plain.includes(ownFolder) || /\bnode:|\(<anonymous>\)/.test(plain));
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(stripVTControlCharacters(line));
}
