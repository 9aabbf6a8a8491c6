/** An object that is used as a dict: made by a literal, by JSON, or without a prototype. */
export type Dict = Readonly<Record<string, unknown>>;

/** Whether a value is a dict. */
export function isDict(value: unknown): value is Dict {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  // An object of another realm has an `Object.prototype` of its own.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}
