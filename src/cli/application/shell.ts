import { parseOptions } from "../parse-options.ts";
import { talk } from "../repl.ts";
import { currentApp, g } from "../../web/index.ts";
import { inApplication } from "./in-application.ts";
import { targetOf } from "./target-of.ts";

const help = `Usage: pottle shell FILE[:name] [options]

The prompt of 'pottle repl' in the context of an application that has started: 'app', 'currentApp', 'g' and 'config' are
there by name. Input that does not come from a terminal is run line by line.

Options:
  -h, --help   this text`;

/**
 * `pottle shell`: a prompt in the context of an application.
 *
 * @returns The exit code: the argument of `exit()`, else 0; 1 if the application cannot be loaded or started.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function shell(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, { help: { type: "boolean", short: "h" } });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const target = targetOf(positionals);
  using prompt = talk();
  const run = { start: true, action: `Cannot open a prompt for ${target}`, onSignal: prompt.onSignal };
  return await inApplication(target, run, (app) =>
    app.context(() => prompt.converse({ app, currentApp, g, config: app.config })),
  );
}
