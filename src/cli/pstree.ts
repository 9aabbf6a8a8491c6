import { formatSnapshot } from "../inspect/index.ts";
import { UsageError } from "./errors.ts";
import { parseOptions } from "./parse-options.ts";
import { readLimit, readPid, showProcess } from "./show-process.ts";

const help = `Usage: pottle pstree PID [options]

Shows what goes on in a running process: the tree of its tasks, what each waits for, since when and who holds it, the
deadlocks, and the line that keeps the event loop busy. 'pottle ps' lists the processes.

Options:
  --by ORDER  what the tree is ordered by: 'owner' of each task (default), or 'awaiter', which waits for it
  --limit N   show up to N tasks (default 500, and 10 of those that wait for the same)
  --json      print the data
  -h, --help  this text

The process opens Node's inspector for that moment, and says so on its standard error.`;

/**
 * `pottle pstree`: the tree of tasks of a running process.
 *
 * @returns The exit code: 1 if the process cannot be looked into.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function pstree(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    by: { type: "string" },
    limit: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const [pid, ...others] = positionals;
  if (pid === undefined) throw new UsageError("the PID of a process is missing: 'pottle ps' lists them");
  if (others.length > 0) throw new UsageError(`there is one PID, not also '${others.join("', '")}'`);
  const by = readOrder(values.by);
  const settings = { pid: readPid(pid), limit: readLimit(values.limit), json: values.json ?? false };
  const awaiters = by === "awaiter";
  return await showProcess({ ...settings, awaiters }, (snapshot, format) =>
    formatSnapshot(snapshot, { ...format, by }),
  );
}

function readOrder(text: string = "owner"): "owner" | "awaiter" {
  if (text === "owner" || text === "awaiter") return text;
  throw new UsageError(`the value of '--by' must be 'owner' or 'awaiter': current value is '${text}'`);
}
