// Errors between threads. What the platform copies of an error is its standard class, message, stack and cause; the
// class that its author gave it and what it carries get lost. So an error is taken apart on one side, and put together
// again on the other: an error of the same name, derived from the same standard class.

import { inspect } from "node:util";

/** @internal A value, as it crosses from thread to thread. */
export type Crossing = { readonly value: unknown } | { readonly error: ErrorParts };

/** @internal An error, taken apart. */
export interface ErrorParts {
  readonly className: string;
  /** The standard class that its class is, or is derived from. */
  readonly standard: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: Crossing | undefined;
  readonly errors: readonly Crossing[] | undefined;
  readonly properties: readonly (readonly [name: string, value: Crossing])[];
}

type StandardClass = new (message: string) => Error;

const standards: Readonly<Record<string, StandardClass>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** @internal Makes anything fit to cross; what cannot be copied crosses as text. */
export function pack(value: unknown, within: readonly unknown[] = []): Crossing {
  if (Error.isError(value) && !within.includes(value)) return { error: takeApart(value, [...within, value]) };
  try {
    return { value: structuredClone(value) };
  } catch {
    return { value: inspect(value) };
  }
}

function takeApart(error: Error, within: readonly unknown[]): ErrorParts {
  const errors = error instanceof AggregateError ? error.errors.map((one) => pack(one, within)) : undefined;
  return {
    className: error.constructor.name,
    standard: standardOf(error),
    name: error.name,
    message: error.message,
    stack: error.stack,
    cause: error.cause === undefined ? undefined : pack(error.cause, within),
    errors,
    properties: Object.entries(error).map(([name, value]) => [name, pack(value, within)] as const),
  };
}

function standardOf(error: Error): string {
  if (error instanceof AggregateError) return "AggregateError";
  const name = Object.keys(standards).find((key) => key !== "Error" && error instanceof standards[key]!);
  return name ?? "Error";
}

/** @internal What crossed, as it was. */
export function unpack(crossing: Crossing): unknown {
  return "error" in crossing ? putTogether(crossing.error) : crossing.value;
}

function putTogether(parts: ErrorParts): Error {
  const error = construct(parts);
  const hidden = (key: string, value: unknown): void =>
    void Object.defineProperty(error, key, { value, configurable: true, writable: true });
  if (error.name !== parts.name) hidden("name", parts.name);
  hidden("stack", parts.stack);
  if (parts.cause !== undefined) hidden("cause", unpack(parts.cause));
  for (const [key, value] of parts.properties) Object.assign(error, { [key]: unpack(value) });
  return error;
}

function construct({ className, standard, message, errors }: ErrorParts): Error {
  if (errors !== undefined) return new (named(AggregateError, className))(errors.map(unpack), message);
  return new (named(standards[standard] ?? Error, className))(message);
}

// A class of that name; the standard one if it is that.
function named<C extends new (...args: never[]) => Error>(base: C, name: string): C {
  if (base.name === name || name === "") return base;
  return { [name]: class extends (base as new (...args: never[]) => Error) {} }[name] as unknown as C;
}
