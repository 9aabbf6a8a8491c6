// The call stacks that debug mode records. They are captured as cheaply as V8 allows, and formatted only when they are
// shown. V8 follows `await` to the callers, so a stack that is captured when a wait begins contains all `async`
// functions of the task. Calls beyond the task's own driver belong to the code that awaits the task, and are cut off.

import { ambient } from "../core/index.ts";

/** @internal A call stack that is not formatted yet. */
export interface Stack {
  readonly stack?: string;
}

const frames = 40;
// The folders of all copies of the package that have loaded debug mode.
const homes = ambient("debug.homes", () => new Set<string>()).add(new URL("../", import.meta.url).href);
// Tests are in the same folders as the code that they test, but count as user code.
const isTest = /\.test\.[jt]s:/;
const isDriver = /^(?:async )?drive \(/;

/** @internal The call stack of the caller of `above`. */
export function captureStack(above: (...args: never[]) => unknown): Stack {
  const taken: Stack = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = frames;
  Error.captureStackTrace(taken, above);
  Error.stackTraceLimit = limit;
  return taken;
}

/**
 * @internal The calls of a stack that belong to the task's own code, the innermost first, as `async name
 * (file:line:column)`.
 */
export function framesOf({ stack }: Stack): string[] {
  const found: string[] = [];
  for (const line of (stack ?? "").split("\n")) {
    const frame = /^\s+at (.+)$/.exec(line)?.[1];
    if (frame === undefined) continue;
    if (isOurs(frame) && isDriver.test(frame)) break;
    if (!isInner(frame)) found.push(frame);
  }
  return found;
}

/** @internal Whether a frame belongs to this package or to Node, so that it does not help the user. */
export function isInner(frame: string): boolean {
  return isOurs(frame) || frame.includes("node:") || frame.endsWith("(<anonymous>)") || frame.endsWith(" (native)");
}

function isOurs(frame: string): boolean {
  for (const home of homes) if (frame.includes(home)) return !isTest.test(frame);
  return false;
}

/** @internal Joins frames to lines of text, each with `margin` before it. */
export function indent(lines: readonly string[], margin: string): string {
  return lines.map((line) => `\n${margin}${line}`).join("");
}
