// A query cannot say whether `tag=a` is a text or a list of one, and a schema does not say which one it wants. So a value
// that the schema refuses as it stands is tried once more in an array. It costs nothing for requests that are right.

import { isThenable } from "../../base/is-thenable.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Schema } from "../routing/contract.ts";
import { callSchema, type Outcome } from "./_call-schema.ts";
import type { NamedValues } from "./_request-parts.ts";

type Issue = StandardSchemaV1.Issue;

/** Validates named values, some of which may be meant as lists of one. */
export function callSchemaWithLists(schema: Schema, values: NamedValues, part: string): Outcome | Promise<Outcome> {
  const first = callSchema(schema, values, part);
  return isThenable(first) ? retryLater(schema, values, part, first) : retry(schema, values, part, first);
}

async function retryLater(
  schema: Schema,
  values: NamedValues,
  part: string,
  first: PromiseLike<Outcome>,
): Promise<Outcome> {
  return await retry(schema, values, part, await first);
}

function retry(schema: Schema, values: NamedValues, part: string, first: Outcome): Outcome | Promise<Outcome> {
  const { issues } = first;
  if (issues === undefined) return first;
  const names = new Set(issues.map(nameOf).filter((name) => isSingle(values, name)));
  if (names.size === 0) return first;
  const wrapped = { ...values, __proto__: null } as unknown as NamedValues;
  for (const name of names) wrapped[name] = [values[name]];
  const second = callSchema(schema, wrapped, part);
  return isThenable(second) ? mergeLater(issues, second, names) : merge(issues, second, names);
}

async function mergeLater(
  first: readonly Issue[],
  second: PromiseLike<Outcome>,
  names: ReadonlySet<string>,
): Promise<Outcome> {
  return merge(first, await second, names);
}

/** The issues to report: those of the list, if a list was right in its place; else those of the value as it stood. */
function merge(first: readonly Issue[], second: Outcome, names: ReadonlySet<string>): Outcome {
  if (second.issues === undefined) return second;
  const noLists = new Set(second.issues.filter(({ path = [] }) => path.length === 1).map(nameOf));
  const ofValues = first.filter((issue) => names.has(nameOf(issue)) && noLists.has(nameOf(issue)));
  const others = second.issues.filter((issue) => !names.has(nameOf(issue)) || !noLists.has(nameOf(issue)));
  return { issues: [...ofValues, ...others] };
}

/** The name of the value that an issue is about; empty if it is about none of them, or about what is in one. */
function nameOf({ path = [] }: Issue): string {
  const step = path[0];
  if (step === undefined) return "";
  return String(typeof step === "object" ? step.key : step);
}

function isSingle(values: NamedValues, name: string): boolean {
  const value = values[name];
  return value !== undefined && !Array.isArray(value);
}
