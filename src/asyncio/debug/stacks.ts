// Call stacks, as debug mode keeps them: taken as cheaply as the platform can, and put into words only when they are
// shown. The platform follows `await` through the callers, so a stack that is taken where a wait begins holds all `async`
// functions of the task. Calls after the task's own driver belong to the code that awaits the task, and are cut off.

import { ambient } from "../core/index.ts";

/** @internal A call stack that is not put into words yet. */
export interface Stack {
  readonly stack?: string;
}

const frames = 40;
// The folder of each copy of the package that has debug mode loaded.
const homes = ambient("debug.homes", () => new Set<string>()).add(new URL("../", import.meta.url).href);
// The tests stand beside the code they test, and count as user code.
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

/** @internal The calls of a stack, innermost first, as `async name (file:line:column)`: those of the task's own code. */
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

/** @internal Whether a frame is of the runtime's or the platform's own code, and says nothing to a user. */
export function isInner(frame: string): boolean {
  return isOurs(frame) || frame.includes("node:") || frame.endsWith("(<anonymous>)") || frame.endsWith(" (native)");
}

function isOurs(frame: string): boolean {
  for (const home of homes) if (frame.includes(home)) return !isTest.test(frame);
  return false;
}

/** @internal Frames as lines of text, each with `margin` before it. */
export function indent(lines: readonly string[], margin: string): string {
  return lines.map((line) => `\n${margin}${line}`).join("");
}
