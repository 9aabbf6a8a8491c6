// Transfers errors between threads. Node copies the standard class, the message, the stack and the cause of an error,
// but not a custom class or the error's own properties. So this file takes an error apart in one thread and rebuilds it
// in the other: as an error with the same name, derived from the same standard class.
//
// An error may refer to other errors: its cause, the members of an aggregate, errors among its properties. They are
// transferred as a list, in which they refer to each other by index. So long chains, circles, and errors with several
// references to them need only one entry for each error.

import { util } from "../../base/node.ts";

/** @internal A value in its transferable form, and the errors that it refers to. */
export interface Crossing {
  readonly root: Part;
  readonly errors: readonly ErrorParts[];
}

/** @internal A copied value, or the index of an error in the list. */
export type Part = { readonly value: unknown } | { readonly place: number };

/** @internal An error, taken apart. */
export interface ErrorParts {
  readonly className: string;
  /** The standard class of the error, or the one that its class is derived from. */
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

/** @internal Converts any value to its transferable form. A value that cannot be copied is transferred as text. */
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
  // Taking an error apart adds the errors that it refers to, and the loop processes these too.
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

// An error may have getters or proxies that throw. The error must be reported even then.
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

/** @internal Rebuilds a value from its transferable form. */
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

// Returns a subclass of `base` with the given name, or `base` itself if the name is the same.
function named<C extends new (...args: never[]) => Error>(base: C, name: string): C {
  if (base.name === name || name === "") return base;
  return { [name]: class extends (base as new (...args: never[]) => Error) {} }[name] as unknown as C;
}
