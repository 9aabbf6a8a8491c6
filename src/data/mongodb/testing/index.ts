// A double of a MongoDB server, in memory, for tests.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export {
  type MongoCall,
  MongoDouble,
  type MongoDoubleOptions,
  type MongoDoubleStatistics,
  startMongoDouble,
} from "./start-mongo-double.ts";
export { MissingPackageError } from "../../shared/optional-peer.ts";
