import type { Doc } from "./_engine.ts";
import { checkOptions } from "./check-options.ts";
import type { CommandContext, Command } from "./commands.ts";
import { CommandError, unsupported } from "./command-error.ts";
import { checkValues } from "./store.ts";

/** @internal The commands that read. */
export const readCommands: Readonly<Record<string, Command>> = {
  find({ engine, store, cursors, database, session }, command) {
    checkOptions(command, ["find", "filter", "sort", "projection", "skip", "limit", "batchSize", "singleBatch"]);
    const { find: name, filter = {}, sort, projection, skip = 0, limit = 0, batchSize, singleBatch } = command as Find;
    checkValues(filter);
    const query = { filter, sort, projection, skip, limit: Math.abs(limit) };
    const docs = engine.find(store.docs(database, name), query);
    const single = singleBatch === true || limit < 0;
    return cursors.begin(docs, { namespace: `${database}.${name}`, session, batchSize, single });
  },

  aggregate(context, command) {
    checkOptions(command, ["aggregate", "pipeline", "cursor"]);
    const { aggregate: name, pipeline, cursor } = command as Aggregate;
    if (typeof name !== "string") throw unsupported("aggregation without a collection");
    if (!Array.isArray(pipeline)) throw new CommandError("TypeMismatch", "'pipeline' must be an array");
    const docs = runPipeline(context, name, pipeline);
    const { cursors, database, session } = context;
    return cursors.begin(docs, { namespace: `${database}.${name}`, session, batchSize: cursor?.batchSize });
  },

  count({ engine, store, database }, command) {
    checkOptions(command, ["count", "query", "skip", "limit"]);
    const { count: name, query: filter = {}, skip = 0, limit = 0 } = command as Count;
    checkValues(filter);
    const query = { filter, sort: undefined, projection: undefined, skip, limit: Math.abs(limit) };
    return { n: engine.find(store.docs(database, name), query).length, ok: 1 };
  },

  distinct({ engine, store, database }, command) {
    checkOptions(command, ["distinct", "key", "query"]);
    const { distinct: name, key, query = {} } = command as Distinct;
    checkValues(query);
    const values = new Map<string, unknown>();
    const matches = engine.matcher(query);
    for (const doc of store.docs(database, name)) {
      if (matches(doc)) for (const value of valuesAt(doc, key.split("."))) values.set(engine.textOf(value), value);
    }
    return { values: [...values.values()], ok: 1 };
  },

  getMore({ cursors }, command) {
    checkOptions(command, ["getMore", "collection", "batchSize"]);
    return cursors.next(Number(command["getMore"]), command["batchSize"] as number | undefined);
  },

  killCursors({ cursors, engine }, command) {
    const { killed, unknown } = cursors.kill((command["cursors"] as unknown[]).map(Number));
    const toLong = (id: number): unknown => engine.toLong(id);
    return {
      cursorsKilled: killed.map(toLong),
      cursorsNotFound: unknown.map(toLong),
      cursorsAlive: [],
      cursorsUnknown: [],
      ok: 1,
    };
  },
};

type Find = {
  find: string;
  filter?: Doc;
  sort?: Doc;
  projection?: Doc;
  skip?: number;
  limit?: number;
  batchSize?: number;
  singleBatch?: boolean;
};

type Aggregate = {
  aggregate: string | number;
  pipeline: Doc[];
  cursor?: { batchSize?: number };
};

type Count = {
  count: string;
  query?: Doc;
  skip?: number;
  limit?: number;
};

type Distinct = {
  distinct: string;
  key: string;
  query?: Doc;
};

const unsupportedStages: ReadonlySet<string> = new Set(["$out", "$merge", "$changeStream", "$documents"]);

function runPipeline({ engine, store, database }: CommandContext, name: string, pipeline: readonly Doc[]): Doc[] {
  checkValues(pipeline);
  for (const stage of pipeline) {
    const operator = Object.keys(stage)[0] ?? "";
    if (unsupportedStages.has(operator)) throw unsupported(`stage ${operator}`);
  }
  return engine.aggregate(store.docs(database, name), pipeline, (from) => store.docs(database, from));
}

// An array in a path, or at its end, stands for each of its items.
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  if (typeof value !== "object" || value === null || !(name in value)) return [];
  return valuesAt((value as Doc)[name], rest);
}
