// Two copies of the package have two classes of each name. What either makes is an instance of both: a library's
// `catch (error) { if (error instanceof TimeoutError) … }` has to know the time limit of its caller.

type Class = abstract new (...args: never[]) => object;

/**
 * @internal Makes `value instanceof Class` true for instances of the class that another copy of the package has of this
 * name. A class derived from it is not shared by that. Call it once for each class, where it is defined.
 */
export function shareClass(shared: Class, name: string): void {
  const brand = Symbol.for(`pottle.${name}`);
  Object.defineProperty(shared.prototype, brand, { value: true });
  Object.defineProperty(shared, Symbol.hasInstance, {
    value(this: Class, value: unknown): boolean {
      if (this !== shared) return Function.prototype[Symbol.hasInstance].call(this, value);
      return typeof value === "object" && value !== null && brand in value;
    },
  });
}
