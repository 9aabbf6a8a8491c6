import { formatProcesses, formatTable, listProcesses } from "../inspect/index.ts";
import { UsageError } from "./errors.ts";
import { parseOptions } from "./parse-options.ts";
import { readLimit, readPid, showProcess } from "./show-process.ts";

const help = `Usage: pottle ps [PID] [options]

Without PID, lists the processes of this machine that run Pottle: the pottle command, and programs of projects that have
Pottle installed. With PID, shows the tasks of that process as a table, a line for each thing that a task waits for.

Options:
  --limit N   show up to N tasks (default 500, and 10 of those that wait for the same)
  --json      print the data
  -h, --help  this text

A process that is looked into opens Node's inspector for that moment, and says so on its standard error.`;

/**
 * `pottle ps`: the processes that run Pottle, or the tasks of one.
 *
 * @returns The exit code: 1 if the process cannot be looked into.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function ps(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    limit: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const json = values.json ?? false;
  const limit = readLimit(values.limit);
  const [pid, ...others] = positionals;
  if (others.length > 0) throw new UsageError(`there is one PID, not also '${others.join("', '")}'`);
  if (pid !== undefined) return await showProcess({ pid: readPid(pid), limit, json }, formatTable);
  const entries = listProcesses();
  console.log(json ? JSON.stringify(entries, undefined, 2) : formatProcesses(entries));
  return 0;
}
