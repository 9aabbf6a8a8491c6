// Errors between threads. The platform copies the standard class, message, stack and cause of an error; the class that
// its author gave it, and its own properties, are lost. So an error is taken apart on one side and put together on the
// other: an error of the same name, derived from the same standard class.
//
// An error leads to others: its cause, the members of an aggregate, errors among its properties. They cross as a list in
// which they name each other by place. Long chains, circles and errors that are reached on many ways cost one entry each.

import { util } from "../../base/node.ts";

/** @internal A value, as it crosses from thread to thread, and the errors that it leads to. */
export interface Crossing {
  readonly root: Part;
  readonly errors: readonly ErrorParts[];
}

/** @internal A copied value, or the place of an error in the list. */
export type Part = { readonly value: unknown } | { readonly place: number };

/** @internal An error, taken apart. */
export interface ErrorParts {
  readonly className: string;
  /** The standard class that its class is, or is derived from. */
  readonly standard: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: Part | undefined;
  readonly errors: readonly Part[] | undefined;
  readonly properties: readonly (readonly [name: string, value: Part])[];
}

type StandardClass = new (message: string) => Error;
type ToPart = (value: unknown) => Part;

const standards: Readonly<Record<string, StandardClass>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** @internal Makes any value fit to cross. A value that cannot be copied crosses as text. */
export function pack(value: unknown): Crossing {
  const places = new Map<Error, number>();
  const toPart: ToPart = (each) => {
    if (!Error.isError(each)) return copy(each);
    const place = places.get(each) ?? places.size;
    places.set(each, place);
    return { place };
  };
  const root = toPart(value);
  const errors: ErrorParts[] = [];
  // Taking an error apart adds those that it leads to: the loop reaches them too.
  for (const error of places.keys()) errors.push(takeApart(error, toPart));
  return { root, errors };
}

function copy(value: unknown): Part {
  try {
    return { value: structuredClone(value) };
  } catch {
    return { value: describe(value) };
  }
}

function describe(value: unknown): string {
  try {
    return util().inspect(value);
  } catch {
    return `a value that cannot be shown: ${typeof value}`;
  }
}

// An error may carry getters and proxies that throw: that must not hide that there was an error.
function takeApart(error: Error, toPart: ToPart): ErrorParts {
  try {
    return read(error, toPart);
  } catch (problem) {
    return read(new Error(`An error that cannot be read, as reading it throws ${describe(problem)}`), toPart);
  }
}

function read(error: Error, toPart: ToPart): ErrorParts {
  const { stack } = error;
  const { name, message } = error as { name: unknown; message: unknown };
  return {
    className: error.constructor.name,
    standard: standardOf(error),
    name: String(name),
    message: String(message),
    stack: typeof stack === "string" ? stack : undefined,
    cause: error.cause === undefined ? undefined : toPart(error.cause),
    errors: error instanceof AggregateError ? error.errors.map(toPart) : undefined,
    properties: Object.entries(error).map(([key, each]) => [key, toPart(each)] as const),
  };
}

function standardOf(error: Error): string {
  if (error instanceof AggregateError) return "AggregateError";
  const name = Object.keys(standards).find((key) => key !== "Error" && error instanceof standards[key]!);
  return name ?? "Error";
}

/** @internal The value that crossed, put together again. */
export function unpack({ root, errors }: Crossing): unknown {
  const made = errors.map(construct);
  const toValue = (part: Part): unknown => ("place" in part ? made[part.place] : part.value);
  for (const [place, parts] of errors.entries()) complete(made[place]!, parts, toValue);
  return toValue(root);
}

function construct({ className, standard, message, errors }: ErrorParts): Error {
  if (errors !== undefined) return new (named(AggregateError, className))([], message);
  return new (named(standards[standard] ?? Error, className))(message);
}

function complete(error: Error, parts: ErrorParts, toValue: (part: Part) => unknown): void {
  const hide = (key: string, value: unknown): void =>
    void Object.defineProperty(error, key, { value, configurable: true, writable: true });
  if (error.name !== parts.name) hide("name", parts.name);
  hide("stack", parts.stack);
  if (parts.cause !== undefined) hide("cause", toValue(parts.cause));
  if (parts.errors !== undefined) hide("errors", parts.errors.map(toValue));
  for (const [key, value] of parts.properties)
    Object.defineProperty(error, key, { value: toValue(value), configurable: true, enumerable: true, writable: true });
}

// A class of that name; the standard one if it is that.
function named<C extends new (...args: never[]) => Error>(base: C, name: string): C {
  if (base.name === name || name === "") return base;
  return { [name]: class extends (base as new (...args: never[]) => Error) {} }[name] as unknown as C;
}
