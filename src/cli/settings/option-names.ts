// One option has three spellings besides its name: `drainTimeout` is --drain-timeout, POTTLE_DRAIN_TIMEOUT, and
// drain_timeout in a TOML file.

/** The beginning of the names of Pottle's variables. */
export const variablePrefix = "POTTLE_";

/** The flag of an option: `--drain-timeout` of `drainTimeout`. */
export function flagOf(name: string): string {
  return `--${joinWords(name, "-")}`;
}

/** The key of an option in a TOML file: `drain_timeout` of `drainTimeout`. */
export function keyOf(name: string): string {
  return joinWords(name, "_");
}

/** The environment variable of an option: `POTTLE_DRAIN_TIMEOUT` of `drainTimeout`. */
export function variableOf(name: string): string {
  return variablePrefix + keyOf(name).toUpperCase();
}

function joinWords(name: string, separator: string): string {
  return name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());
}
