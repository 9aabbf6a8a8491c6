// The settings from the command line, the environment and a TOML file together: flags win, then variables, then the file,
// then the defaults.
//
//     flags.ts ─────────┐
//     variables.ts ─────┼─> resolve-values.ts ──> run ──> serve()
//     config-file.ts ───┘         └──────────────> print-config.ts
//       run-options.ts, the one table, lists the options for all of them

import { UsageError } from "../errors.ts";
import { splitTarget } from "../loading/load-application.ts";
import { isSocket, type RunSettings } from "../run-settings.ts";
import { type ConfigFile, findConfigFile } from "./find-config-file.ts";
import { type CommandLine, readFlags } from "./flags.ts";
import { resolveValues } from "./resolve-values.ts";
import { runOptions } from "./run-options.ts";
import { type Origin, refusal, type Setting } from "./setting.ts";
import { readVariables } from "./variables.ts";

/** The request of a `pottle run` command line. */
export type RunRequest =
  /** Print how it is used. */
  | { readonly kind: "help" }
  /** Print the settings. */
  | { readonly kind: "print"; readonly settings: RunSettings }
  /** Serve. */
  | { readonly kind: "run"; readonly settings: RunSettings };

/**
 * Reads the settings of `pottle run` from all its sources.
 *
 * @throws {UsageError} If one of them cannot be understood, or two values contradict each other.
 */
export async function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Promise<RunRequest> {
  const line = readFlags(args, runOptions);
  if (line.help) return { kind: "help" };
  const target = readTarget(line);
  const variables = readVariables(env, runOptions);
  const configFile = findConfigFile({ flag: line.config, env, application: splitTarget(target).file });
  const sources = [line.settings, variables, await readFile(configFile)];
  const { values, origins } = resolveValues(runOptions, sources);
  const settings: RunSettings = { target, values, origins, configFile, flags: line.argumentsWithout(["reload"]) };
  refusePortOfSocket(settings);
  return { kind: line.printConfig ? "print" : "run", settings };
}

function readTarget({ positionals }: CommandLine): string {
  const [target, ...others] = positionals;
  if (target === undefined) throw new UsageError("the FILE to run is missing");
  if (others.length > 0) throw new UsageError(`there is one FILE to run, not also '${others.join("', '")}'`);
  return target;
}

async function readFile({ text, shown }: ConfigFile): Promise<Setting[]> {
  if (text === undefined) return [];
  const { readConfigText } = await import("./config-file.ts");
  return readConfigText(text, shown, runOptions);
}

const strengths: readonly Origin["source"][] = ["file", "variable", "flag"];

/** A port from a weaker source than the socket is one that the socket replaces; any other port is a mistake. */
function refusePortOfSocket({ values, origins }: RunSettings): void {
  const [host, port] = [origins.get("host"), origins.get("port")];
  if (!isSocket(values.host) || port === undefined) return;
  if (host !== undefined && strengths.indexOf(port.source) < strengths.indexOf(host.source)) return;
  throw refusal({ name: "port", origin: port }, (option) => `a socket has no port: leave ${option} out`);
}
