import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { SetupError } from "../errors/setup-error.ts";
import type { Command, CommandFunction, CommandOption, CommandOptions, CommandSettings, NoOptions } from "./command.ts";

const commandName = /^[a-z0-9][\w:-]*$/i;

/** The commands of an application or a blueprint: those of a blueprint are a group, called as the blueprint is. */
export class CommandGroup {
  readonly #entries = new Map<string, Command | CommandGroup>();
  /** Those of blueprints, which have names of their own; what is added by name goes before them. */
  readonly #adopted = new Map<string, CommandGroup>();

  /**
   * Adds a command. `pottle app.ts NAME` runs it in the application's context, once the application has started.
   *
   * @throws {RangeError} If a name cannot be one.
   * @throws {SetupError} If there is a command or a group of that name.
   * @throws {TypeError} If `fn` is not a function.
   * @example
   * const app = new Pottle(import.meta);
   * app.cli.command("greet", { options: { loud: { type: "boolean", short: "l" } }, arguments: ["name"] }, ({ loud }, [name]) => {
   *   console.log(loud ? `HELLO ${name}` : `Hello ${name}`);
   * });
   * await app.runCommand(["greet", "-l", "ada"]); // HELLO ada
   */
  command(name: string, fn: CommandFunction<NoOptions>): void;
  command<const Options extends CommandOptions = NoOptions>(
    name: string,
    settings: CommandSettings<Options>,
    fn: CommandFunction<Options>,
  ): void;
  command(name: string, ...rest: [CommandFunction<never>] | [CommandSettings, CommandFunction<never>]): void {
    const [settings, fn] = rest.length === 1 ? [{}, rest[0]] : rest;
    option(`add the command '${name}'`, "fn", fn).function();
    checkSettings(name, settings);
    this.#add(name, { settings, fn });
  }

  /**
   * Makes a group of commands: `pottle app.ts NAME COMMAND`.
   *
   * @throws {RangeError} If the name cannot be one.
   * @throws {SetupError} If there is a command or a group of that name.
   */
  group(name: string): CommandGroup {
    const group = new CommandGroup();
    this.#add(name, group);
    return group;
  }

  /** @internal Adds the commands of a blueprint; those that it gets later are among them. */
  adopt(name: string, group: CommandGroup): void {
    this.#adopted.set(name, group);
  }

  /** @internal The command or the group of a name. */
  find(name: string): Command | CommandGroup | undefined {
    return this.#entries.get(name) ?? this.#adopted.get(name);
  }

  /** @internal Whether there is no command in it, nor in its groups. */
  get isEmpty(): boolean {
    return [...this.#adopted.values(), ...this.#entries.values()].every(
      (entry) => entry instanceof CommandGroup && entry.isEmpty,
    );
  }

  /** @internal The names of its commands and groups with their descriptions; groups without commands are left out. */
  list(): [name: string, description: string][] {
    const names: [string, string][] = [];
    for (const [name, entry] of new Map([...this.#adopted, ...this.#entries])) {
      if (!(entry instanceof CommandGroup)) names.push([name, entry.settings.description ?? ""]);
      else if (!entry.isEmpty) names.push([`${name} …`, `commands of ${name}`]);
    }
    return names.toSorted(([one], [other]) => (one < other ? -1 : 1));
  }

  #add(name: string, entry: Command | CommandGroup): void {
    if (typeof name !== "string" || !commandName.test(name))
      throw outOfRange("add a command", "its name must be letters, digits, '-', '_' and ':'", name);
    if (this.#entries.has(name)) throw new SetupError(`Cannot add the command '${name}' as there is one of that name`);
    this.#entries.set(name, entry);
  }
}

function checkSettings(name: string, { options = {}, arguments: names = [] }: CommandSettings): void {
  const action = `add the command '${name}'`;
  for (const [key, entry] of Object.entries(options)) checkOption(action, key, entry);
  names.forEach((text, index) => {
    const rule = "an argument must be a name; 'name?' may follow 'name', and 'name...' is the last";
    const before = names[index - 1] ?? "name";
    const isOrdered = !before.endsWith("...") && !(before.endsWith("?") && /\w$/.test(text));
    if (!/^[a-z][\w-]*(?:\?|\.\.\.)?$/i.test(text) || !isOrdered) throw outOfRange(action, rule, text);
  });
}

function checkOption(action: string, key: string, { type, short, default: value }: CommandOption): void {
  if (!commandName.test(key) || key === "help") throw outOfRange(action, "an option must have a name, not 'help'", key);
  option(action, `type of --${key}`, type).oneOf(["boolean", "string", "number"]);
  if (short !== undefined && (!/^[a-z]$/i.test(short) || short === "h"))
    throw outOfRange(action, `'short' of --${key} must be one letter, not 'h'`, short);
  if (value !== undefined && typeof value !== type)
    throw wrongType(action, `the default of --${key} must be a ${type}`, value);
}
