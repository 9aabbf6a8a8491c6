import type { Doc } from "./_engine.ts";
import { checkOptions } from "./check-options.ts";
import { checkUpdate, immutableId } from "./check-update.ts";
import { CommandError, unsupported } from "./command-error.ts";
import type { CommandContext, Command } from "./commands.ts";
import { checkValues, DuplicateKeyError, type StoredCollection } from "./store.ts";
import { largestDocument } from "./wire.ts";

/** @internal The commands that write. */
export const writeCommands: Readonly<Record<string, Command>> = {
  insert(context, command) {
    checkOptions(command, ["insert", "documents", "ordered"]);
    const collection = collectionOf(context, command["insert"]);
    let n = 0;
    const writeErrors = each(command, "documents", (given) => {
      checkValues(given);
      const size = context.engine.sizeOf(given);
      if (size > largestDocument) {
        const message = `object to insert too large. size in bytes: ${size}, max size: ${largestDocument}`;
        throw new CommandError("BadValue", message);
      }
      const doc = "_id" in given ? given : { _id: context.engine.newId(), ...given };
      collection.insert(doc);
      n++;
    });
    return reply({ n }, writeErrors);
  },

  update(context, command) {
    checkOptions(command, ["update", "updates", "ordered"]);
    const collection = collectionOf(context, command["update"]);
    const totals = { n: 0, nModified: 0 };
    const upserted: Doc[] = [];
    const writeErrors = each(command, "updates", (statement, index) => {
      const result = update(context, collection, statement);
      totals.n += result.matched;
      totals.nModified += result.modified;
      if (result.upserted !== undefined) upserted.push({ index, _id: result.upserted["_id"] });
    });
    return reply({ ...totals, ...(upserted.length > 0 && { upserted }) }, writeErrors);
  },

  delete(context, command) {
    checkOptions(command, ["delete", "deletes", "ordered"]);
    const collection = collectionOf(context, command["delete"]);
    let n = 0;
    const writeErrors = each(command, "deletes", (statement) => {
      checkOptions(statement, ["q", "limit"]);
      const found = matching(context, collection, statement["q"] as Doc, statement["limit"] === 1);
      collection.remove(new Set(found));
      n += found.length;
    });
    return reply({ n }, writeErrors);
  },
};

function collectionOf({ store, database }: CommandContext, name: unknown): StoredCollection {
  if (typeof name !== "string" || name === "") throw new CommandError("BadValue", "a collection needs a name");
  return store.collection(database, name);
}

/** Executes each statement, and returns the errors. An ordered list ends at its first error. */
function each(command: Doc, list: string, write: (statement: Doc, index: number) => void): Doc[] {
  const statements = command[list];
  if (!Array.isArray(statements)) throw new CommandError("BadValue", `'${list}' must be a list`);
  const errors: Doc[] = [];
  for (const [index, statement] of (statements as Doc[]).entries()) {
    try {
      write(statement, index);
    } catch (error) {
      errors.push(writeError(index, error));
      if (command["ordered"] !== false) break;
    }
  }
  return errors;
}

function writeError(index: number, error: unknown): Doc {
  if (!(error instanceof CommandError)) throw error;
  // An unsupported statement fails the whole command.
  if (error.codeName === "CommandNotSupported") throw error;
  const { code, message: errmsg } = error;
  if (!(error instanceof DuplicateKeyError)) return { index, code, errmsg };
  return { index, code, errmsg, keyPattern: error.keyPattern, keyValue: error.keyValue };
}

function reply(totals: Doc, writeErrors: readonly Doc[]): Doc {
  return { ...totals, ...(writeErrors.length > 0 && { writeErrors }), ok: 1 };
}

function matching({ engine }: CommandContext, { docs }: StoredCollection, filter: Doc, onlyOne: boolean): Doc[] {
  checkValues(filter);
  const matches = engine.matcher(filter);
  if (!onlyOne) return docs.filter(matches);
  const first = docs.find(matches);
  return first === undefined ? [] : [first];
}

interface UpdateResult {
  readonly matched: number;
  readonly modified: number;
  readonly upserted?: Doc;
}

function update(context: CommandContext, collection: StoredCollection, statement: Doc): UpdateResult {
  checkOptions(statement, ["q", "u", "multi", "upsert", "arrayFilters"]);
  const {
    q: filter,
    u: change,
    multi,
    upsert,
  } = statement as { q: Doc; u: Doc | Doc[]; multi?: boolean; upsert?: boolean };
  checkValues(change);
  const found = matching(context, collection, filter, multi !== true);
  if (found.length === 0 && upsert === true) {
    const upserted = makeUpserted(context, statement);
    collection.insert(upserted);
    return { matched: 1, modified: 0, upserted };
  }
  let modified = 0;
  for (const doc of found) {
    const changed = changedDoc(context, doc, statement);
    if (context.engine.textOf(changed) === context.engine.textOf(doc)) continue;
    collection.replace(doc, changed);
    modified++;
  }
  return { matched: found.length, modified };
}

function changedDoc({ engine }: CommandContext, doc: Doc, statement: Doc, isNew = false): Doc {
  const change = statement["u"] as Doc | Doc[];
  let changed = engine.decode(engine.encode(doc));
  if (Array.isArray(change)) changed = engine.transform(changed, change);
  else if (!isModifier(change)) changed = { _id: doc["_id"], ...change };
  else {
    const modifier = modifierOf(change, isNew);
    checkUpdate(changed, modifier);
    engine.update(changed, modifier, (statement["arrayFilters"] as Doc[]) ?? [], statement["q"] as Doc);
  }
  if (engine.sizeOf(changed) > largestDocument) {
    throw new CommandError("ResultTooLarge", `Resulting document after update is larger than ${largestDocument}`);
  }
  if (!isNew && engine.textOf(changed["_id"]) !== engine.textOf(doc["_id"])) throw immutableId();
  return changed;
}

function isModifier(change: Doc): boolean {
  const names = Object.keys(change);
  const operators = names.filter((name) => name.startsWith("$"));
  if (operators.length > 0 && operators.length < names.length) {
    throw new CommandError("FailedToParse", "an update has either operators or fields, not both");
  }
  return operators.length > 0;
}

// `$setOnInsert` has an effect on insertion only.
function modifierOf(change: Doc, isNew: boolean): Doc {
  const { $setOnInsert, ...rest } = change;
  if (!isNew || $setOnInsert === undefined) return rest;
  return { ...rest, $set: { ...(rest["$set"] as Doc | undefined), ...($setOnInsert as Doc) } };
}

// A new document has the values that the filter requires by equality.
function makeUpserted(context: CommandContext, statement: Doc): Doc {
  const start: Doc = {};
  for (const [name, value] of Object.entries(statement["q"] as Doc)) {
    if (name.startsWith("$") || name.includes(".")) throw unsupported("upserts by such filters");
    if (!isCondition(value)) start[name] = value;
  }
  const change = statement["u"] as Doc | Doc[];
  const isReplacement = !Array.isArray(change) && !isModifier(change);
  const made = changedDoc(context, isReplacement && "_id" in start ? { _id: start["_id"] } : start, statement, true);
  const { _id = context.engine.newId(), ...fields } = made;
  return { _id, ...fields };
}

function isCondition(value: unknown): boolean {
  if (value instanceof RegExp) return true;
  return typeof value === "object" && value !== null && Object.keys(value)[0]?.startsWith("$") === true;
}
