// Names come from files and from the environment: `__proto__` is a name like any other.

/** A table of a configuration. */
export type Table = Record<string, unknown>;

/** Sets a property of the object itself, whatever its name. */
export function setOwn(table: Table, name: string, value: unknown): void {
  Object.defineProperty(table, name, { value, enumerable: true, writable: true, configurable: true });
}

/** The property of the object itself; `undefined` if it has none of that name. */
export function getOwn(table: Table, name: string): unknown {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Whether a value is an object that holds properties only: no array, and no instance of a class. */
export function isTable(value: unknown): value is Table {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** A copy of a value, down to the values that are neither tables nor lists. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isTable(value)) return value;
  const table: Table = {};
  for (const [name, part] of Object.entries(value)) setOwn(table, name, copyOf(part));
  return table as T;
}

/** Freezes a value, and the tables and lists in it. */
export function freeze<T>(value: T): T {
  if (!(Array.isArray(value) || isTable(value)) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
  return value;
}
