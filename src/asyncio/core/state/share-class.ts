// Two copies of the package in one process have two classes of each name. An instance of one counts as an instance of
// the other, because `catch (error) { if (error instanceof TimeoutError) … }` in a library must also match an error
// from the copy that its caller uses.

type Class = abstract new (...args: never[]) => object;

/**
 * @internal Makes `value instanceof Class` true for instances of the class with the same name in another copy of the
 * package. This does not extend to subclasses of `shared`. Call it once for each class, where the class is defined.
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
