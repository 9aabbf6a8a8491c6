/** The kind of an option's value. */
export type KindName = "time" | "bytes" | "count" | "text" | "flag" | "list" | "choice" | "mode";

/** One option of a command: its kind, its bounds and its description. */
export interface OptionEntry {
  /** The kind of the value. */
  readonly kind: KindName;
  /** The user of the option: `serve()`, whose option has the same name, or the command itself. */
  readonly for: "server" | "command";
  /** The description, in one line that begins with a small letter. */
  readonly does: string;
  /** The default, written as in a variable. @default the option is not set */
  readonly default?: string;
  /** An addition to the default, such as "or the next free one". @default nothing */
  readonly defaultNote?: string;
  /** The name of the value in the help text. @default that of the kind */
  readonly label?: string;
  /** The smallest number. @default 0, if there is no `above` */
  readonly from?: number;
  /** The bound that a number must be above, in place of `from`. @default none */
  readonly above?: number;
  /** The largest number. @default none; of a time without `infinity` the longest that a timer takes */
  readonly to?: number;
  /** Whether `infinity` is allowed, for no limit. @default false */
  readonly infinity?: boolean;
  /** The option that this one must not be above; it is also a bound of the default. @default none */
  readonly atMost?: string;
  /** The values of a choice. @default none */
  readonly choices?: readonly string[];
  /** Texts that are refused, each with the reason. @default none */
  readonly refused?: Readonly<Record<string, string>>;
  /** Whether a text is written as a whole number in TOML too. @default false */
  readonly orNumber?: boolean;
  /** Whether any text in its variable switches a flag on, `0` and `false` as well. @default false */
  readonly anyText?: boolean;
}

/** Options by their names in camelCase. */
export type OptionTable = Readonly<Record<string, OptionEntry>>;

/** The value of an option. */
export type OptionValue = string | number | boolean | readonly string[];

/** The type of the value of one entry. */
export type ValueOf<Entry extends OptionEntry> = Entry["kind"] extends "time" | "bytes" | "count" | "mode"
  ? number
  : Entry["kind"] extends "flag"
    ? boolean
    : Entry["kind"] extends "list"
      ? readonly string[]
      : Entry extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string;

/** The names of the entries that have a default. */
type Complete<Table extends OptionTable> = {
  [Name in keyof Table]: Table[Name] extends { readonly default: string } ? Name : never;
}[keyof Table];

/** The values of all options of a table; an option without a default may be missing. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in Complete<Table>]: ValueOf<Table[Name]>;
} & {
  readonly [Name in Exclude<keyof Table, Complete<Table>>]?: ValueOf<Table[Name]>;
};

/** The names of the options that `serve()` takes. */
export type ServerName<Table extends OptionTable> = {
  [Name in keyof Table]: Table[Name]["for"] extends "server" ? Name : never;
}[keyof Table];
