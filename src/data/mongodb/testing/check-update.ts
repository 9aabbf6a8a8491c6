import type { Doc } from "./_engine.ts";
import { CommandError, unsupported } from "./command-error.ts";

const numeric: ReadonlySet<string> = new Set(["$inc", "$mul"]);
const forArrays: ReadonlySet<string> = new Set(["$push", "$addToSet", "$pull", "$pullAll", "$pop"]);
const known: ReadonlySet<string> = new Set([
  ...numeric,
  ...forArrays,
  "$set",
  "$unset",
  "$min",
  "$max",
  "$rename",
  "$bit",
  "$currentDate",
]);

/**
 * @internal Refuses an update that a server refuses and mingo would silently ignore: adding to a text, pushing to a
 * value that is not an array, setting a field of a number.
 *
 * @throws {CommandError} If the update does not fit the document.
 */
export function checkUpdate(doc: Doc, modifier: Doc): void {
  for (const [operator, fields] of Object.entries(modifier)) {
    if (!known.has(operator)) throw unsupported(`update operator ${operator}`);
    for (const [path, value] of Object.entries((fields ?? {}) as Doc)) checkField(doc, operator, path, value);
  }
}

function checkField(doc: Doc, operator: string, path: string, value: unknown): void {
  if (path === "_id") throw immutableId();
  // mingo finds the positions in arrays.
  if (path.includes("$")) return;
  const current = follow(doc, path, operator);
  if (numeric.has(operator)) {
    checkNumber(operator, path, value);
    if (current !== undefined) checkNumber(operator, path, current);
  }
  if (forArrays.has(operator) && current !== undefined && !Array.isArray(current)) {
    throw new CommandError("BadValue", `The field '${path}' must be an array to apply ${operator}`);
  }
}

function checkNumber(operator: string, path: string, value: unknown): void {
  if (typeof value === "number") return;
  throw new CommandError("TypeMismatch", `Cannot apply ${operator} to a value of non-numeric type at '${path}'`);
}

function follow(doc: Doc, path: string, operator: string): unknown {
  let value: unknown = doc;
  for (const name of path.split(".")) {
    if (value === undefined || (typeof value === "object" && value !== null))
      value = (value as Doc | undefined)?.[name];
    else if (operator === "$unset" || operator === "$pull") return undefined;
    else throw new CommandError("PathNotViable", `Cannot create field '${name}' in what is no document: '${path}'`);
  }
  return value;
}

/** @internal The error for a document that would change its identity. */
export function immutableId(): CommandError {
  return new CommandError(
    "ImmutableField",
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}
