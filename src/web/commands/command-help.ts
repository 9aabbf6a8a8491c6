import type { Command, CommandOption } from "./command.ts";
import type { CommandGroup } from "./command-group.ts";

/** The text for `--help` of a command. */
export function commandHelp(names: string, { settings }: Command): string {
  const { description, options = {}, arguments: args = [] } = settings;
  const places = args.map(placeOf).join(" ");
  const entries: [string, string][] = Object.entries(options).map(([name, entry]) => [
    flagOf(name, entry),
    about(entry),
  ]);
  const lines = [`Usage: ${names} [options]${places === "" ? "" : ` ${places}`}`];
  if (description !== undefined) lines.push("", description);
  return [...lines, "", "Options:", table([...entries, ["-h, --help", "this text"]])].join("\n");
}

/** The text for a group without a command. */
export function groupHelp(names: string, group: CommandGroup): string {
  const commands = group.list();
  if (commands.length === 0) return `${names} has no commands: add them by app.cli.command()`;
  return [`Usage: ${names} COMMAND [options]`, "", "Commands:", table(commands)].join("\n");
}

function placeOf(name: string): string {
  if (name.endsWith("...")) return `[${name.slice(0, -3).toUpperCase()}]...`;
  return name.endsWith("?") ? `[${name.slice(0, -1).toUpperCase()}]` : name.toUpperCase();
}

function flagOf(name: string, { short, type }: CommandOption): string {
  const flag = `--${name}${type === "boolean" ? "" : type === "number" ? " N" : " TEXT"}`;
  return short === undefined ? `    ${flag}` : `-${short}, ${flag}`;
}

function about({ description = "", default: usual, required = false }: CommandOption): string {
  const rule = usual !== undefined ? `(default ${String(usual)})` : required ? "(must be given)" : "";
  return [description, rule].filter((text) => text !== "").join(" ");
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join("\n");
}
