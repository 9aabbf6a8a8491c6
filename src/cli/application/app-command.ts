import { inApplication } from "./in-application.ts";

/**
 * `pottle app.ts COMMAND`: runs a command of an application, in its context, once it has started.
 *
 * @returns The exit code: that of the command, 1 if it failed, 2 if it was used wrongly.
 */
export async function runAppCommand(target: string, args: readonly string[]): Promise<number> {
  // A list of commands, or the help of one, needs no database.
  const start = args.length > 0 && !args.includes("--help") && !args.includes("-h");
  const action = `Cannot run '${args[0] ?? ""}' of ${target}`;
  return await inApplication(target, { start, action }, (app) => app.runCommand(args, `pottle ${target}`));
}
