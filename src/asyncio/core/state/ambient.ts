// Process-wide state. All of it stands in one record under one registered symbol, so that two copies of the package in
// one process (the application's and a library's own) are one runtime, and an inspector has one place to look.
//
//   globalThis[Symbol.for("pottle")] = { layout: 1, runtime: {…}, view: {…}, "web.context": {…}, … }
//
// Each property besides `layout` is a slot, made by the first copy that asks for it. Copies read each other's slots, so
// what stands in one is plain data, or is used by its methods only: a private `#field` of one copy's class cannot be
// reached by the other copy's code.
//
// `layout` is raised whenever a slot changes its shape. Copies of different layouts are kept apart, each with a record
// of its own, as two unrelated libraries would be, and a warning names both: a task of one sees a task of the other as
// a foreign promise. They could refuse to load instead; but then a library that still needs the older version could not
// be used at all, even where the two never meet.

/** @internal Raise it whenever a slot changes its shape. */
export const layout = 1;

interface AmbientRecord {
  readonly layout: number;
  /** The module that made the record, for the warning. */
  readonly madeBy: string;
  readonly [slot: string]: unknown;
}

const symbolName = "pottle";

/** @internal The record of this process for `ours`, made if it is missing; and the symbol name that it stands under. */
export function openRecord(ours: number, home: object = globalThis): { record: AmbientRecord; name: string } {
  const first = take(home, symbolName, ours);
  if (first.layout === ours) return { record: first, name: symbolName };
  const name = `${symbolName} layout ${ours}`;
  if (!(Symbol.for(name) in home)) warn(first);
  return { record: take(home, name, ours), name };
}

function take(home: object, name: string, layoutIfNew: number): AmbientRecord {
  const holder = home as Record<symbol, AmbientRecord | undefined>;
  return (holder[Symbol.for(name)] ??= { layout: layoutIfNew, madeBy: import.meta.url });
}

function warn({ madeBy }: AmbientRecord): void {
  process.emitWarning(
    `Two versions of Pottle that cannot share one runtime are loaded, from ${madeBy} and ${import.meta.url}: ` +
      "cancellations and context do not cross between them. `npm ls pottle` shows what asks for which",
    { code: "POTTLE_TWO_VERSIONS" },
  );
}

const opened = openRecord(layout);

/**
 * The process-wide state called `slot`, shared by all copies of the package in this process: made by `create` when it is
 * first asked for. For authors of floors and drivers. Begin `slot` with the name of what it belongs to, such as
 * `web.context`; let it hold plain data, or objects that are used by their methods only.
 *
 * @example
 * const counters = ambient("my-driver.counters", () => ({ opened: 0 }));
 * counters.opened++;
 * console.log(ambient("my-driver.counters", () => ({ opened: 0 })).opened); // 1
 */
export function ambient<T extends object>(slot: string, create: () => T): T {
  const slots = opened.record as Record<string, unknown>;
  return (slots[slot] ??= create()) as T;
}

/**
 * A JavaScript expression that gives the slot of {@link ambient} called `slot`, or `undefined` if there is none. For tools
 * that have code evaluated elsewhere: an inspector's question to another thread or process.
 *
 * @example
 * console.log(ambientExpression("my-driver.counters")); // globalThis[Symbol.for("pottle")]?.["my-driver.counters"]
 */
export function ambientExpression(slot: string): string {
  return `globalThis[Symbol.for(${JSON.stringify(opened.name)})]?.[${JSON.stringify(slot)}]`;
}
