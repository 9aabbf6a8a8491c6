import type { Doc } from "./_engine.ts";
import { checkOptions } from "./check-options.ts";
import { CommandError, unsupported } from "./command-error.ts";
import type { Command } from "./commands.ts";
import type { Index } from "./store.ts";

/** @internal The commands that ask the server about itself, and those about collections as a whole. */
export const adminCommands: Readonly<Record<string, Command>> = {
  hello: describe,
  isMaster: describe,
  ismaster: describe,
  ping: () => ({ ok: 1 }),
  endSessions: () => ({ ok: 1 }),
  buildInfo: () => ({ version: "8.0.0", versionArray: [8, 0, 0, 0], modules: [], pottleDouble: true, ok: 1 }),

  killSessions({ engine, cursors }, command) {
    cursors.killSessions(new Set((command["killSessions"] as unknown[]).map((id) => engine.textOf(id))));
    return { ok: 1 };
  },

  listCollections({ engine, store, cursors, database, session }, command) {
    checkOptions(command, ["listCollections", "filter", "nameOnly", "cursor", "authorizedCollections"]);
    const all = [...store.collections(database).keys()].map((name) => ({ name, type: "collection", options: {} }));
    const filter = (command["filter"] ?? {}) as Doc;
    const namespace = `${database}.$cmd.listCollections`;
    return cursors.begin(all.filter(engine.matcher(filter)), { namespace, session });
  },

  create({ store, database }, command) {
    checkOptions(command, ["create"]);
    store.collection(database, command["create"] as string);
    return { ok: 1 };
  },

  drop({ store, database }, command) {
    const name = command["drop"] as string;
    if (!store.drop(database, name)) throw new CommandError("NamespaceNotFound", "ns not found");
    return { ns: `${database}.${name}`, ok: 1 };
  },

  dropDatabase({ store, database }) {
    store.dropDatabase(database);
    return { dropped: database, ok: 1 };
  },

  createIndexes({ store, database }, command) {
    checkOptions(command, ["createIndexes", "indexes"]);
    const collection = store.collection(database, command["createIndexes"] as string);
    const numIndexesBefore = collection.indexes.length;
    for (const index of command["indexes"] as Doc[]) collection.addIndex(readIndex(index));
    return { numIndexesBefore, numIndexesAfter: collection.indexes.length, ok: 1 };
  },

  listIndexes({ store, cursors, database, session }, command) {
    const name = command["listIndexes"] as string;
    const collection = store.collections(database).get(name);
    if (collection === undefined) throw new CommandError("NamespaceNotFound", `ns does not exist: ${database}.${name}`);
    const all = collection.indexes.map((index) => ({ v: 2, key: index.key, name: index.name, unique: index.unique }));
    return cursors.begin(all, { namespace: `${database}.${name}`, session });
  },

  dropIndexes({ store, database }, command) {
    const collection = store.collections(database).get(command["dropIndexes"] as string);
    if (collection === undefined) throw new CommandError("NamespaceNotFound", "ns not found");
    collection.dropIndex(String(command["index"]));
    return { ok: 1 };
  },
};

// A single server without replicas. Because it has no topology version, drivers poll it, and expect each reply at once.
function describe(): Doc {
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    maxBsonObjectSize: 16 * 2 ** 20,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: 25,
    readOnly: false,
    ok: 1,
  };
}

function readIndex(index: Doc): Index {
  checkOptions(index, ["key", "name", "unique", "v", "background"]);
  const { key, name, unique = false } = index as { key: Doc; name: string; unique?: boolean };
  for (const [field, order] of Object.entries(key)) {
    if (order !== 1 && order !== -1) throw unsupported(`indexes of kind ${String(order)}`);
    if (unique && field.includes(".")) throw unsupported("unique indexes within documents");
  }
  return { name, key, unique };
}
