// The output of --print-config. It is loaded only when it is asked for.

import { stringify } from "smol-toml";
import { isSocket, type RunSettings } from "../run-settings.ts";
import { kinds } from "./kinds.ts";
import type { OptionEntry, OptionValue } from "./option-table.ts";
import { keyOf } from "./option-names.ts";
import { runOptions } from "./run-options.ts";
import { describeOrigin } from "./setting.ts";

/** The effective values, as a TOML file with the origin of each in a comment. */
export function formatConfig(settings: RunSettings): string {
  const { configFile, target } = settings;
  const file = configFile.text === undefined ? `There is no ${configFile.shown}` : `The file is ${configFile.shown}`;
  const lines = Object.entries(runOptions).map(([name, entry]) => lineOf(name, entry, settings));
  const width = Math.max(...lines.map(([assignment]) => assignment.length));
  const rows = lines.map(([assignment, comment]) => `${assignment.padEnd(width)}  # ${comment}`);
  return [`# ${target} runs with these settings. ${file}.`, ...rows].join("\n");
}

function lineOf(name: string, entry: OptionEntry, { values, origins }: RunSettings): readonly [string, string] {
  const key = keyOf(name);
  if (name === "port" && isSocket(values.host)) return [`# ${key}`, "none: the host is a socket"];
  const value = (values as Readonly<Record<string, OptionValue | undefined>>)[name];
  if (value === undefined) return [`# ${key}`, "not set"];
  const assignment = stringify({ [key]: kinds[entry.kind].toToml(value) }).trimEnd();
  if (origins.has(name)) return [assignment, describeOrigin(name, origins.get(name))];
  return [assignment, ["default", entry.defaultNote, noteBound(entry)].filter((note) => note !== undefined).join(", ")];
}

function noteBound({ atMost }: OptionEntry): string | undefined {
  return atMost === undefined ? undefined : `or ${keyOf(atMost)} if that is less`;
}
