// The values of each kind of option, as text and in TOML, and how they are printed.

import { longestTimeout } from "../../base/platform-timer.ts";
import type { KindName, OptionEntry, OptionValue } from "./option-table.ts";
import { formatSize, parseSize } from "./size-text.ts";
import { formatTime, parseTime } from "./time-text.ts";

/** A kind of option. */
export interface Kind {
  /** The name of a value in the help text; empty for a flag, which has none. */
  readonly label: (entry: OptionEntry) => string;
  /** The description of valid values, such as "a whole number from 0 to 65535". */
  readonly expected: (entry: OptionEntry) => string;
  /** Reads the value of a flag or a variable. @returns `undefined` if it is not of this kind. */
  readonly fromText: (text: string, entry: OptionEntry) => OptionValue | undefined;
  /** Reads the value of a TOML file. @returns `undefined` if it is not of this kind. */
  readonly fromToml: (value: unknown, entry: OptionEntry) => OptionValue | undefined;
  /** The value as a TOML file would have it. */
  readonly toToml: (value: OptionValue) => OptionValue;
}

/** The kinds, by name. */
export const kinds: Readonly<Record<KindName, Kind>> = {
  time: measure({
    label: "TIME",
    noun: "a time such as 5s, 500ms or 2m, or a number of milliseconds",
    parse: parseTime,
    format: formatTime,
    to: longestTimeout,
  }),
  bytes: measure({
    label: "SIZE",
    noun: "a size such as 2MB, 64kB or 1MiB, or a number of bytes",
    parse: parseSize,
    format: formatSize,
  }),
  count: {
    label: () => "N",
    expected: (entry) => `a whole number${describeCounts(entry)}`,
    fromText: (text, entry) => {
      if (text === "infinity") return within(Infinity, entry);
      return /^\d+$/.test(text) ? whole(Number(text), entry) : undefined;
    },
    fromToml: (value, entry) => (value === "infinity" ? within(Infinity, entry) : whole(value, entry)),
    toToml: (value) => (value === Infinity ? "infinity" : value),
  },
  text: {
    label: () => "TEXT",
    expected: ({ orNumber = false }) => (orNumber ? "a text or a whole number" : "a text"),
    fromText: (text) => text,
    fromToml: (value, { orNumber = false }) => {
      if (orNumber && Number.isSafeInteger(value)) return String(value);
      return typeof value === "string" ? value : undefined;
    },
    toToml: (value) => value,
  },
  flag: {
    label: () => "",
    expected: () => "true or false",
    fromText: (text, { anyText = false }) => (anyText ? true : booleans[text.toLowerCase()]),
    fromToml: (value) => (typeof value === "boolean" ? value : undefined),
    toToml: (value) => value,
  },
  list: {
    label: () => "A,B",
    expected: () => 'a list of texts, such as \'a,b\', or ["a", "b"] in TOML',
    fromText: (text) => textsOf(text.split(",").map((item) => item.trim())),
    fromToml: textsOf,
    toToml: (value) => value,
  },
  mode: {
    label: () => "MODE",
    expected: () => "the rights of a file in octal digits, such as 660",
    fromText: parseMode,
    fromToml: (value) => (typeof value === "string" ? parseMode(value) : undefined),
    toToml: (value) => (value as number).toString(8).padStart(3, "0"),
  },
  choice: {
    label: ({ choices = [] }) => choices.join("|"),
    expected: ({ choices = [] }) => `one of ${choices.join(", ")}`,
    fromText: choose,
    fromToml: choose,
    toToml: (value) => value,
  },
};

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
};

/** The parts of a kind of numbers with units. */
interface Measure {
  readonly label: string;
  readonly noun: string;
  readonly parse: (text: string) => number | undefined;
  readonly format: (value: number) => string;
  /** The largest value of an option that says nothing else. @default none */
  readonly to?: number;
}

function measure({ label, noun, parse, format, to }: Measure): Kind {
  const bounded = (entry: OptionEntry): OptionEntry => {
    return to === undefined || entry.infinity === true ? entry : { to, ...entry };
  };
  const fromText = (text: string, entry: OptionEntry): number | undefined => within(parse(text), bounded(entry));
  return {
    label: () => label,
    expected: (entry) => `${noun}${describeBounds(bounded(entry), format)}`,
    fromText,
    fromToml: (value, entry) =>
      // A number of TOML is written out, so that both ways have the same rules.
      typeof value === "number" || typeof value === "string" ? fromText(textOf(value), entry) : undefined,
    toToml: (value) => format(value as number),
  };
}

function textOf(value: number | string): string {
  return value === Infinity ? "infinity" : String(value);
}

function whole(value: unknown, entry: OptionEntry): number | undefined {
  if (value === Infinity) return within(value, entry);
  return typeof value === "number" && Number.isSafeInteger(value) ? within(value, entry) : undefined;
}

function within(value: number | undefined, entry: OptionEntry): number | undefined {
  const { above, from = 0, to = Infinity, infinity = false } = entry;
  if (value === Infinity) return infinity ? value : undefined;
  if (value === undefined) return undefined;
  return value <= to && (above === undefined ? value >= from : value > above) ? value : undefined;
}

/** " from 0 to 65535", " from 1 on", " from 1 on, or infinity". */
function describeCounts({ above = -1, from = above + 1, to, infinity = false }: OptionEntry): string {
  return ` from ${from}${to === undefined ? " on" : ` to ${to}`}${infinity ? ", or infinity" : ""}`;
}

/** " (above 0, or infinity)", " (up to 24h)". */
function describeBounds({ above, from, to, infinity }: OptionEntry, format: (value: number) => string): string {
  const bounds = [
    ...(above === undefined ? [] : [`above ${above === 0 ? 0 : format(above)}`]),
    ...(from === undefined ? [] : [`from ${format(from)}`]),
    ...(to === undefined ? [] : [`up to ${format(to)}`]),
    ...(infinity === true ? ["or infinity"] : []),
  ];
  return bounds.length === 0 ? "" : ` (${bounds.join(", ")})`;
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((item): item is string => typeof item === "string" && item !== "") ? value : undefined;
}

function parseMode(text: string): number | undefined {
  return /^(?:0o?)?[0-7]{3}$/.test(text) ? Number.parseInt(text.replace(/^0o?(?=[0-7]{3}$)/, ""), 8) : undefined;
}

function choose(value: unknown, { choices = [] }: OptionEntry): string | undefined {
  return choices.find((each) => each === value);
}
