import type { PeriodicTask } from "../../web/index.ts";
import { parseOptions } from "../parse-options.ts";
import { toColumns } from "./columns.ts";
import { inApplication } from "./in-application.ts";
import { targetOf } from "./target-of.ts";

const help = `Usage: pottle tasks FILE[:name] [options]

Lists the periodic tasks of an application, and when they would run next. It is loaded, but not started.

Options:
  --run NAME   start the application, run that task once, and stop
  --json       print the data
  -h, --help   this text`;

/**
 * `pottle tasks`: lists the periodic tasks of an application, or runs one of them once.
 *
 * @returns The exit code: 1 if the application cannot be loaded, or the task fails.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function tasks(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    run: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const target = targetOf(positionals);
  const { run: name } = values;
  if (name !== undefined) return await runOne(target, name);
  return await inApplication(target, { start: false, action: `Cannot list the tasks of ${target}` }, async (app) => {
    const list = app.periodicTasks.map(describe);
    console.log(values.json === true ? JSON.stringify(list, undefined, 2) : format(list));
    return 0;
  });
}

async function runOne(target: string, name: string): Promise<number> {
  return await inApplication(target, { start: true, action: `Cannot run the task '${name}'` }, async (app) => {
    const task = app.periodicTasks.find((each) => each.name === name);
    if (task === undefined) {
      const names = app.periodicTasks.map((each) => each.name).join(", ");
      console.error(`Cannot run the task '${name}' as there is none of that name: there are ${names || "none"}`);
      return 1;
    }
    await task.runNow();
    return 0;
  });
}

interface TaskLine {
  readonly name: string;
  readonly schedule: string;
  readonly next: string | undefined;
}

function describe(task: PeriodicTask): TaskLine {
  return { name: task.name, schedule: task.schedule, next: task.nextRun()?.toISOString() };
}

function format(list: readonly TaskLine[]): string {
  if (list.length === 0) return "The application has no periodic tasks.";
  return toColumns([
    ["Task", "Schedule", "Next run"],
    ...list.map(({ name, schedule, next = "never" }) => [name, schedule, next]),
  ]);
}
