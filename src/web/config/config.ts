import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { inspectCustom } from "../../base/node.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { ConfigError } from "./config-error.ts";
import { copyOf, getOwn, isTable, setOwn, type Table } from "./own-properties.ts";
import { type ConfigSchema, parseConfig } from "./parse-config.ts";
import { parseValue, type ValueParser } from "./parse-value.ts";
import { type FileOptions, parseFile, readText } from "./read-file.ts";
import { readVariables } from "./read-variables.ts";

/** How variables are read. */
export interface VariableOptions {
  /**
   * Makes a value of the text of a variable; where it throws, the text is the value.
   * @default JSON: `5`, `true`, `["a"]` are what they look like, all else is text
   */
  readonly loads?: ValueParser;
}

/** How a file with variables is read. */
export interface EnvFileOptions extends VariableOptions {
  /**
   * The beginning of the names that are read; it is removed from them, with the `_` behind it.
   * @default all names are read, as they are
   */
  readonly prefix?: string;
  /** Whether a file that does not exist is passed over. @default false */
  readonly silent?: boolean;
}

/** How a part of the configuration is named. */
export interface NamespaceOptions {
  /** Whether the names are in lower case. @default true */
  readonly lowercase?: boolean;
  /** Whether the beginning of the names is removed. @default true */
  readonly trimNamespace?: boolean;
}

/**
 * The values that an application is configured with. Each source adds to those before it, and a later one wins. Neither
 * `console.log` nor `JSON.stringify` shows the values.
 *
 * @example
 * const app = new Pottle(import.meta);
 * app.config.fromMapping({ PAGE_SIZE: 20, MAIL: { HOST: "localhost" } });
 * process.env["SHOP_MAIL__PORT"] = "2525";
 * app.config.fromPrefixedEnv("SHOP");
 * console.log(app.config.get("MAIL")); // { HOST: "localhost", PORT: 2525 }
 * console.log(app.config); // Config { PAGE_SIZE, MAIL }
 * @see https://flask.palletsprojects.com/en/stable/config/
 */
export class Config {
  readonly #folder: string;
  readonly #values: Table = {};

  /** @param folder The folder at which relative names of files begin. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The value of a name; `undefined` if it is not set. Its type is the caller's word: {@link parse} checks it. */
  get<T = unknown>(name: string): T | undefined {
    return getOwn(this.#values, name) as T | undefined;
  }

  /** Sets a value. */
  set(name: string, value: unknown): this {
    setOwn(this.#values, name, value);
    return this;
  }

  /** Whether a name is set. */
  has(name: string): boolean {
    return Object.hasOwn(this.#values, name);
  }

  /** The names that are set, in the order in which they were. */
  keys(): string[] {
    return Object.keys(this.#values);
  }

  /**
   * Takes the names in upper case of an object, such as a module that is imported by `import * as`. Its other names, such
   * as functions, are left out.
   *
   * @throws {TypeError} If it is not an object.
   * @example
   * const app = new Pottle(import.meta);
   * app.config.fromObject({ PAGE_SIZE: 20, helper: () => 1 });
   * console.log(app.config.keys()); // ["PAGE_SIZE"]
   */
  fromObject(object: object): this {
    if ((typeof object !== "object" && typeof object !== "function") || object === null)
      throw wrongType("configure the application", "'object' must be an object", object);
    for (const name of Object.getOwnPropertyNames(object)) {
      if (name !== name.toUpperCase() || name === name.toLowerCase()) continue;
      this.set(name, (object as Table)[name]);
    }
    return this;
  }

  /**
   * Takes all values of objects.
   *
   * @throws {TypeError} If one is not an object.
   */
  fromMapping(...mappings: readonly Readonly<Record<string, unknown>>[]): this {
    for (const mapping of mappings) {
      if (!isTable(mapping)) throw wrongType("configure the application", "a mapping must be a plain object", mapping);
      for (const [name, value] of Object.entries(mapping)) this.set(name, copyOf(value));
    }
    return this;
  }

  /**
   * Takes the values of a file. A relative name begins at the application's folder.
   *
   * @returns Whether there is such a file; it can be `false` with `silent` only.
   * @throws {ConfigError} If it cannot be read, or its text is not as it must be. No part of the text is shown.
   * @throws {TypeError} If `load` is not a function.
   * @example
   * const app = new Pottle(import.meta);
   * console.log(app.config.fromFile("missing.toml", { silent: true })); // false
   */
  fromFile(name: string, { load, silent = false }: FileOptions = {}): boolean {
    if (load !== undefined) option("read the configuration", "load", load).function();
    const path = resolve(this.#folder, name);
    const text = readText(path, silent);
    if (text === undefined) return false;
    this.fromMapping(parseFile(path, text, load));
    return true;
  }

  /**
   * Takes the values of the file that an environment variable names.
   *
   * @returns Whether the variable is set and there is such a file; it can be `false` with `silent` only.
   * @throws {ConfigError} If the variable is not set, or the errors of {@link fromFile}.
   */
  fromEnvvar(variable: string, options: FileOptions = {}): boolean {
    const name = process.env[variable] ?? "";
    if (name !== "") return this.fromFile(name, options);
    if (options.silent === true) return false;
    throw new ConfigError(
      `Cannot read the configuration as the variable ${variable}, which names its file, is not set`,
    );
  }

  /**
   * Takes the variables of a file as `.env`: lines `NAME=value`. The environment of the process is left as it is; to let it
   * win, call {@link fromPrefixedEnv} after this.
   *
   * @returns Whether there is such a file; it can be `false` with `silent` only.
   * @throws {ConfigError} If it cannot be read, or a name leads into a value that is not a table.
   * @see https://nodejs.org/api/util.html#utilparseenvcontent
   */
  fromEnvFile(name = ".env", { prefix, loads = parseValue, silent = false }: EnvFileOptions = {}): boolean {
    option("read the configuration", "loads", loads).function();
    const text = readText(resolve(this.#folder, name), silent);
    if (text === undefined) return false;
    readVariables(this.#values, parseEnv(text), prefix === undefined ? "" : `${prefix}_`, loads);
    return true;
  }

  /**
   * Takes the environment variables that begin with `prefix` and `_`, in the order of their names. Two underscores in a row
   * lead into a table: `SHOP_MAIL__HOST` sets `HOST` in `MAIL`.
   *
   * @throws {ConfigError} If the prefix is empty, or a name leads into a value that is not a table.
   * @throws {TypeError} If `loads` is not a function.
   */
  fromPrefixedEnv(prefix: string, { loads = parseValue }: VariableOptions = {}): this {
    option("read the configuration", "loads", loads).function();
    if (prefix === "")
      throw new ConfigError("Cannot read the environment as the prefix is empty: name the application's");
    readVariables(this.#values, process.env, `${prefix}_`, loads);
    return this;
  }

  /**
   * The values of the names that begin with `namespace`.
   *
   * @example
   * const app = new Pottle(import.meta);
   * app.config.fromMapping({ IMAGE_TYPE: "png", IMAGE_SIZE: 64, NAME: "x" });
   * console.log(app.config.getNamespace("IMAGE_")); // { type: "png", size: 64 }
   */
  getNamespace(namespace: string, options: NamespaceOptions = {}): Record<string, unknown> {
    const { lowercase = true, trimNamespace = true } = options;
    const table: Table = {};
    for (const [name, value] of Object.entries(this.#values)) {
      if (!name.startsWith(namespace)) continue;
      const short = trimNamespace ? name.slice(namespace.length) : name;
      setOwn(table, lowercase ? short.toLowerCase() : short, value);
    }
    return table;
  }

  /**
   * Checks the values by a schema of any library of Standard Schema, and gives what it makes of them: typed, with its
   * defaults, and frozen.
   *
   * @throws {ConfigError} If a value is missing, or not as the schema demands; it names all of them, and shows no value of
   *   a name that looks like a secret.
   * @throws {TypeError} If it is not a schema.
   * @example
   * import { z } from "zod";
   * const app = new Pottle(import.meta);
   * app.config.fromMapping({ PAGE_SIZE: 20 });
   * const config = app.config.parse(z.object({ PAGE_SIZE: z.int().max(100), TITLE: z.string().default("Shop") }));
   * console.log(config.TITLE, config.PAGE_SIZE); // Shop 20
   * @see https://standardschema.dev/
   */
  parse<Output>(schema: ConfigSchema<Output>): Readonly<Output> {
    return parseConfig(copyOf(this.#values), schema);
  }

  /** The names, as `JSON.stringify` shows them: values may be secrets. */
  toJSON(): string[] {
    return this.keys();
  }
}

Reflect.defineProperty(Config.prototype, inspectCustom, {
  value(this: Config): string {
    return this.keys().length === 0 ? "Config {}" : `Config { ${this.keys().join(", ")} }`;
  },
});
