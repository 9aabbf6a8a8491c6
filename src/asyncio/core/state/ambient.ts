// Process-wide state. All of it is kept in one record under one registered symbol, so that two copies of the package in
// one process (the application's and a library's own) share one runtime, and an inspector has one place to look.
//
//   globalThis[Symbol.for("pottle")] = { layout: 1, runtime: {…}, view: {…}, "web.context": {…}, … }
//
// Each property besides `layout` is a slot, made by the first copy that asks for it. Copies read each other's slots, so
// a slot holds plain data, or objects that are used only through their methods: code of one copy cannot access a
// private `#field` of a class of the other copy.
//
// `layout` must be raised whenever a slot changes its shape. Copies with different layouts are kept apart like two
// unrelated libraries: each has its own record, and a task of one sees a task of the other as a foreign promise. A
// warning names both copies. Refusing to load would be stricter, but then a library that still needs the older version
// could not be used at all, even if the two copies never interact.

/** @internal Raise it whenever a slot changes its shape. */
export const layout = 1;

interface AmbientRecord {
  readonly layout: number;
  /** The URL of the module that made the record, for the warning. */
  readonly madeBy: string;
  readonly [slot: string]: unknown;
}

const symbolName = "pottle";

/** @internal The record of this process for the layout `ours`, created if it is missing, and the name of its symbol. */
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
 * The process-wide state with the name `slot`, which all copies of the package in this process share. It is made by
 * `create` when it is first requested. For authors of floors and drivers. Begin the name with the component that it
 * belongs to, such as `web.context`. The state must be plain data, or objects that are used only through their methods.
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
 * A JavaScript expression that evaluates to the state of {@link ambient} with the name `slot`, or to `undefined` if
 * there is none. For tools that evaluate code in another thread or process, such as inspectors.
 *
 * @example
 * console.log(ambientExpression("my-driver.counters")); // globalThis[Symbol.for("pottle")]?.["my-driver.counters"]
 */
export function ambientExpression(slot: string): string {
  return `globalThis[Symbol.for(${JSON.stringify(opened.name)})]?.[${JSON.stringify(slot)}]`;
}
