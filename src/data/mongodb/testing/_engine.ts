// The only file that imports bson and mingo. They convert bytes to documents and back, and evaluate queries.

import { loadOptionalPeer } from "../../shared/optional-peer.ts";

/** @internal A document as it is stored. */
export type Doc = Record<string, unknown>;

/** @internal The parts of bson and mingo that the double uses. */
export interface Engine {
  /** Bytes of a document. */
  encode(doc: Doc): Uint8Array;
  /** The number of bytes of a document. */
  sizeOf(doc: Doc): number;
  /** The document in bytes. @throws If they are not a document. */
  decode(bytes: Uint8Array): Doc;
  /** A value as text. Only equal values have the same text. */
  textOf(value: unknown): string;
  /** The number of a cursor, as a BSON value. */
  toLong(value: number): unknown;
  /** A new identity. */
  newId(): unknown;
  /** Whether documents match a filter. */
  matcher(filter: Doc): (doc: Doc) => boolean;
  /** The documents that match, in their order, as a query asks for them. */
  find(docs: readonly Doc[], query: FindQuery): Doc[];
  /** The results of a pipeline. */
  aggregate(docs: readonly Doc[], pipeline: readonly Doc[], resolve: (name: string) => readonly Doc[]): Doc[];
  /** Changes a document in place. */
  update(doc: Doc, modifier: Doc, arrayFilters: readonly Doc[], filter: Doc): void;
  /** A document, as the pipeline of an update changes it. */
  transform(doc: Doc, pipeline: readonly Doc[]): Doc;
}

/** @internal The supported parts of a query. */
export interface FindQuery {
  readonly filter: Doc;
  readonly sort: Doc | undefined;
  readonly projection: Doc | undefined;
  readonly skip: number;
  readonly limit: number;
}

/** @internal Loads the engine. @throws {MissingPackageError} If bson or mingo is not installed. */
export async function loadEngine(): Promise<Engine> {
  const action = "start a double of MongoDB";
  const bson = await loadOptionalPeer("bson", action, () => import("bson"));
  const { Aggregator, Query, update } = await loadOptionalPeer("mingo", action, () => import("mingo"));
  const options = { scriptEnabled: false };

  function encode(doc: Doc): Uint8Array {
    return bson.serialize(doc, { ignoreUndefined: true });
  }

  function decode(bytes: Uint8Array): Doc {
    return bson.deserialize(bytes, { validation: { utf8: true } });
  }

  function find(docs: readonly Doc[], query: FindQuery): Doc[] {
    const cursor = new Query(query.filter, options).find<Doc>(docs as Doc[], query.projection ?? {});
    if (query.sort !== undefined) cursor.sort(query.sort);
    if (query.skip > 0) cursor.skip(query.skip);
    if (query.limit > 0) cursor.limit(query.limit);
    return cursor.all();
  }

  function aggregate(docs: readonly Doc[], pipeline: readonly Doc[], resolve: (name: string) => readonly Doc[]): Doc[] {
    const collectionResolver = (name: string): Doc[] => resolve(name) as Doc[];
    return new Aggregator(pipeline as Doc[], { ...options, collectionResolver }).run(docs as Doc[]);
  }

  return {
    encode,
    decode,
    sizeOf: (doc) => bson.calculateObjectSize(doc, { ignoreUndefined: true }),
    textOf: (value) => bson.EJSON.stringify({ value }),
    toLong: (value) => bson.Long.fromNumber(value),
    newId: () => new bson.ObjectId(),
    matcher(filter) {
      const query = new Query(filter, options);
      return (doc) => query.test(doc);
    },
    find,
    aggregate,
    update: (doc, modifier, filters, filter) =>
      void update(doc, modifier as never, filters as Doc[], filter, { cloneMode: "deep", queryOptions: options }),
    transform: (doc, pipeline) => aggregate([doc], pipeline, () => [])[0] ?? doc,
  };
}
