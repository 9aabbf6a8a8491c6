// The help text of `pottle run`. It is loaded only when it is asked for.

import { kinds } from "./kinds.ts";
import type { OptionEntry } from "./option-table.ts";
import { flagOf } from "./option-names.ts";
import { runOptions } from "./run-options.ts";

const width = 120;

const usage = `Usage: pottle run FILE[:name] [options]

Serves the application that FILE exports: its default export, or the one called 'name'. An export that is a function is
called, and must return the application or a promise of it.`;

const notes = `Each option is also an environment variable, POTTLE_DRAIN_TIMEOUT for --drain-timeout, and a key of a TOML file,
drain_timeout. Flags win, then variables, then the file. --no-reload turns off what one of the others turns on.
A TIME is 5s, 500ms, 2m, 1h or a number of milliseconds; a SIZE is 2MB, 64kB, 1MiB or a number of bytes. For a time that
is a limit, infinity lifts it.

With --workers, SIGHUP replaces the workers one by one, so that what has changed is served without a pause. SIGUSR2
opens log files anew. SIGTERM lets running requests end and exits with 0. Ctrl+C cancels them and exits with 130; a
second one ends the process at once.
Unless NODE_ENV is production, errors are shown to clients on this machine.`;

const ownLines: readonly (readonly [string, string])[] = [
  ["-c, --config FILE", "the TOML file to read (default: POTTLE_CONFIG, or pottle.toml beside FILE if there is one)"],
  ["--print-config", "print all options, and where the value of each comes from"],
  ["-h, --help", "this text"],
];

/** The help text of `pottle run`. */
export function help(): string {
  const lines = [...Object.entries(runOptions).map(([name, entry]) => lineOf(name, entry)), ...ownLines];
  return `${usage}\n\nOptions:\n${formatColumns(lines)}\n\n${notes}`;
}

function lineOf(name: string, entry: OptionEntry): readonly [string, string] {
  const label = entry.label ?? kinds[entry.kind].label(entry);
  return [`${flagOf(name)} ${label}`.trimEnd(), `${entry.does}${describeDefault(entry)}`];
}

function describeDefault(entry: OptionEntry): string {
  // The default of a flag, off, is not printed.
  if (entry.default === undefined || entry.default === "false") return "";
  const bound = entry.atMost === undefined ? undefined : `or that of ${flagOf(entry.atMost)} if it is less`;
  const words = [entry.default, entry.defaultNote, bound].filter((each) => each !== undefined);
  return ` (default ${words.join(", ")})`;
}

function formatColumns(lines: readonly (readonly [string, string])[]): string {
  const first = Math.max(...lines.map(([left]) => left.length)) + 2;
  return lines.map(([left, right]) => `  ${left.padEnd(first)}${wrap(right, first + 2)}`).join("\n");
}

/** Breaks a text into lines that end before `width`, each but the first behind `indent` blanks. */
function wrap(text: string, indent: number): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && indent + line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}
