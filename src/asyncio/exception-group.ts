/** What selects errors in an {@link ExceptionGroup}: a class, several, or a predicate. */
export type ErrorMatch = ErrorClass | readonly ErrorClass[] | ((error: unknown) => boolean);

/** A class of errors. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * Several errors at once, as a task group has that waited for all its tasks. Groups nest.
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

  /** @throws {RangeError} If `errors` is empty. */
  constructor(message: string, errors: Iterable<unknown>, options?: ErrorOptions) {
    const all = [...errors];
    if (all.length === 0)
      throw new RangeError("Cannot make an ExceptionGroup as it needs at least one error: current value is []");
    super(all, all.length === 1 ? `${message} (1 error)` : `${message} (${all.length} errors)`, options);
    this.#message = message;
  }

  readonly #message: string;

  /**
   * The group of those errors that match, nested as here, and the group of the rest; `undefined` for one that is empty.
   * An error that is a group matches as a whole, or is split itself.
   */
  split(match: ErrorMatch): [ExceptionGroup | undefined, ExceptionGroup | undefined] {
    const test = toPredicate(match);
    if (test(this)) return [this, undefined];
    const matching: unknown[] = [];
    const rest: unknown[] = [];
    for (const error of this.errors) sortInto(error, test, matching, rest);
    return [this.#derive(matching), this.#derive(rest)];
  }

  /** The group of those errors that match, nested as here; `undefined` if there is none. */
  subgroup(match: ErrorMatch): ExceptionGroup | undefined {
    return this.split(match)[0];
  }

  // What is kept whole is this very object, so that its identity and stack survive.
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

function sortInto(error: unknown, test: (error: unknown) => boolean, matching: unknown[], rest: unknown[]): void {
  if (test(error)) matching.push(error);
  else if (error instanceof ExceptionGroup) {
    const [inside, outside] = error.split(test);
    if (inside !== undefined) matching.push(inside);
    if (outside !== undefined) rest.push(outside);
  } else rest.push(error);
}

function toPredicate(match: ErrorMatch): (error: unknown) => boolean {
  if (typeof match !== "function") {
    const classes = match;
    return (error) => classes.some((errorClass) => error instanceof errorClass);
  }
  if (isErrorClass(match)) return (error) => error instanceof match;
  return match;
}

function isErrorClass(match: unknown): match is ErrorClass {
  return match === Error || (typeof match === "function" && match.prototype instanceof Error);
}
