import { basename, relative } from "node:path";

const longest = 200;

/** @internal The program of this process and its arguments, as on the command line. */
export function describeProgram(): string {
  const [file = "node", ...args] = process.argv.slice(1);
  const path = relative(process.cwd(), file);
  const name = /^pottle(?:\.cjs)?$/.test(basename(file)) ? "pottle" : path.startsWith("..") ? file : path;
  return [name, ...args].join(" ").slice(0, longest);
}
