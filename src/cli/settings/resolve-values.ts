import { kinds } from "./kinds.ts";
import type { OptionTable, OptionValue, OptionValues } from "./option-table.ts";
import { describeOrigin, type Origin, refusal, type Setting, spellingOf } from "./setting.ts";

/** The effective values. */
export interface Resolved<Table extends OptionTable> {
  readonly values: OptionValues<Table>;
  /** Where each value was found; one that is not there is the default. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/**
 * Decides on the effective values: for each option, the value of the first source that has one, else the default.
 *
 * @param sources - The strongest first.
 * @throws {UsageError} If two values contradict each other.
 */
export function resolveValues<Table extends OptionTable>(
  table: Table,
  sources: readonly (readonly Setting[])[],
): Resolved<Table> {
  const settings = new Map(sources.toReversed().flatMap((source) => source.map((each) => [each.name, each] as const)));
  const values: Record<string, OptionValue> = {};
  for (const name of Object.keys(table)) {
    const value = settings.get(name)?.value ?? defaultOf(name, table);
    if (value !== undefined) values[name] = value;
  }
  for (const [name, { atMost }] of Object.entries(table)) {
    if (atMost !== undefined) applyBound({ name, bound: atMost, values, settings, table });
  }
  const origins = new Map([...settings].map(([name, { origin }]) => [name, origin]));
  return { values: values as OptionValues<Table>, origins };
}

function defaultOf(name: string, table: OptionTable): OptionValue | undefined {
  const entry = table[name]!;
  return entry.default === undefined
    ? undefined
    : kinds[entry.kind].fromText(entry.default, { ...entry, anyText: false });
}

/** An option that must not be above another one. */
interface Bound {
  readonly name: string;
  readonly bound: string;
  readonly values: Record<string, OptionValue>;
  readonly settings: ReadonlyMap<string, Setting>;
  readonly table: OptionTable;
}

function applyBound({ name, bound, values, settings, table }: Bound): void {
  const [value, most] = [values[name], values[bound]];
  if (typeof value !== "number" || typeof most !== "number" || value <= most) return;
  const setting = settings.get(name);
  if (setting === undefined) {
    values[name] = most;
    return;
  }
  const written = (of: string, number: number): string => String(kinds[table[of]!.kind].toToml(number));
  const origin = settings.get(bound)?.origin;
  const where = origin === undefined ? "by default" : `by ${describeOrigin(bound, origin)}`;
  throw refusal(setting, (option) => {
    const other = spellingOf(bound, origin ?? setting.origin);
    return `the value of ${option} must not be above ${other}, which is ${written(bound, most)} ${where}: current value is '${written(name, value)}'`;
  });
}
