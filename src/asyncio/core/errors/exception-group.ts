import { show } from "../../../base/options.ts";
import { shareClass } from "../state/share-class.ts";

/** A selection of errors in an {@link ExceptionGroup}: a class, several classes, or a predicate. */
export type ErrorMatch = ErrorClass | readonly ErrorClass[] | ((error: unknown) => boolean);

/** A class of errors. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * Several errors in one, for example those of the tasks of a task group. Groups can be nested.
 *
 * @example
 * const group = new ExceptionGroup("both failed", [new TypeError("a"), new RangeError("b")]);
 * const [types, others] = group.split(TypeError);
 * console.log(types?.errors.length, others?.errors.length); // 1 1
 * @see https://docs.python.org/3/library/exceptions.html#exception-groups
 */
export class ExceptionGroup extends AggregateError {
  override readonly name = "ExceptionGroup";
  declare readonly errors: unknown[];

  /**
   * @param message - What happened; the number of errors is appended to it.
   * @throws {TypeError} If `errors` cannot be iterated over.
   * @throws {RangeError} If `errors` is empty.
   */
  constructor(message: string, errors: Iterable<unknown>, options?: ErrorOptions) {
    if (typeof (errors as Iterable<unknown> | undefined)?.[Symbol.iterator] !== "function")
      throw new TypeError(`Cannot make an ExceptionGroup as errors are needed: current value is ${show(errors)}`);
    const all = [...errors];
    if (all.length === 0)
      throw new RangeError("Cannot make an ExceptionGroup as it needs at least one error: current value is []");
    super(all, all.length === 1 ? `${message} (1 error)` : `${message} (${all.length} errors)`, options);
    this.#message = message;
  }

  readonly #message: string;

  /**
   * The group of the errors that match, and the group of the rest; `undefined` in place of an empty group. Both keep
   * the nesting of this group. A nested group either matches as a whole, or is split too.
   *
   * @throws {TypeError} If `match` is not a class, an array of classes or a predicate.
   */
  split(match: ErrorMatch): [ExceptionGroup | undefined, ExceptionGroup | undefined] {
    const test = toPredicate(match);
    if (test(this)) return [this, undefined];
    const matching: unknown[] = [];
    const rest: unknown[] = [];
    for (const error of this.errors) sortInto(error, test, matching, rest);
    return [this.#derive(matching), this.#derive(rest)];
  }

  /**
   * The group of the errors that match, with the nesting of this group; `undefined` if none matches.
   *
   * @throws {TypeError} If `match` is not a class, an array of classes or a predicate.
   */
  subgroup(match: ErrorMatch): ExceptionGroup | undefined {
    return this.split(match)[0];
  }

  // If every error is kept, the group itself is returned, so that its identity and stack survive.
  #derive(errors: unknown[]): ExceptionGroup | undefined {
    if (errors.length === 0) return undefined;
    if (errors.length === this.errors.length && errors.every((error, index) => error === this.errors[index]))
      return this;
    const group = new ExceptionGroup(
      this.#message,
      errors,
      this.cause === undefined ? undefined : { cause: this.cause },
    );
    if (this.stack !== undefined) group.stack = this.stack;
    return group;
  }
}
shareClass(ExceptionGroup, "ExceptionGroup");

function sortInto(error: unknown, test: (error: unknown) => boolean, matching: unknown[], rest: unknown[]): void {
  if (test(error)) matching.push(error);
  else if (error instanceof ExceptionGroup) {
    const [inside, outside] = error.split(test);
    if (inside !== undefined) matching.push(inside);
    if (outside !== undefined) rest.push(outside);
  } else rest.push(error);
}

function toPredicate(match: ErrorMatch): (error: unknown) => boolean {
  if (isClass(match)) return (error) => error instanceof match;
  if (typeof match === "function") return match;
  if (!Array.isArray(match) || !match.every(isClass)) throw matchError(match);
  return (error) => match.some((errorClass) => error instanceof errorClass);
}

// The `prototype` property of a class is read-only; that of other functions is writable, or does not exist.
function isClass(match: unknown): match is ErrorClass {
  return typeof match === "function" && Object.getOwnPropertyDescriptor(match, "prototype")?.writable === false;
}

function matchError(match: unknown): TypeError {
  const needed = "a class of errors, an array of them, or a predicate is needed";
  return new TypeError(`Cannot split an ExceptionGroup as ${needed}: current value is ${show(match)}`);
}
