// The form of the filters and tests that come with the engine: named parameters, as in Jinja, in an order.

import { TemplateFault } from "../jinja-syntax/template-errors.ts";

/** What a filter or test knows of the place where it is used. */
export interface FilterScope {
  readonly autoescape: boolean;
  /** Applies a filter by its name. */
  applyFilter(name: string, input: unknown, args: readonly unknown[]): unknown;
  /** Applies a test by its name. */
  applyTest(name: string, input: unknown, args: readonly unknown[]): boolean;
}

/** Arguments with names. */
export type Named = Readonly<Record<string, unknown>>;

/** A filter, or a test. */
export interface Builtin {
  readonly run: (scope: FilterScope, input: unknown, args: readonly unknown[]) => unknown;
  /** The names of its parameters; `undefined` if it takes any number, and those with a name as a last dict. */
  readonly parameters: readonly string[] | undefined;
}

/** Defines a filter with named parameters. */
export function define(
  parameters: string,
  run: (input: unknown, args: readonly unknown[], scope: FilterScope) => unknown,
): Builtin {
  const names = parameters === "" ? [] : parameters.split(" ");
  return { parameters: names, run: (scope, input, args) => run(input, args, scope) };
}

/**
 * Puts the arguments of a call into the order of the parameters.
 *
 * @throws {TemplateFault} If there are too many, or there is none of that name.
 */
export function bind(
  name: string,
  parameters: readonly string[],
  args: readonly unknown[],
  named: Named,
): readonly unknown[] {
  if (args.length > parameters.length) {
    throw new TemplateFault(`'${name}' takes at most ${parameters.length} arguments, not ${args.length}`);
  }
  const bound = [...args];
  for (const key of Object.keys(named)) {
    const at = parameters.indexOf(key);
    if (at < 0) throw new TemplateFault(`'${name}' has no argument '${key}'`);
    bound[at] = named[key];
  }
  return bound;
}
