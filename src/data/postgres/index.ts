// A PostgreSQL client on top of pg: connections, pools and transactions. Cancelled queries are cancelled on the server
// too.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// connections
export { connect, Connection, type ConnectionStatistics } from "./client.ts";
export type { ConnectOptions } from "./open-session.ts";
export { createPool, Pool } from "./pool.ts";
export type { PoolOptions, PoolStatistics } from "./session-pool.ts";
export { Database, type DatabaseApplication, type DatabaseOptions, postgres } from "./database.ts";

// queries
export { type Field, Queryable, type QueryResult, type Row } from "./client.ts";
export { type Identifier, type Sql, sql, type SqlTag } from "./sql.ts";
export { RowStream, type StreamOptions } from "./stream.ts";
export { Transaction } from "./client.ts";
export type { Isolation, TransactionOptions } from "./transaction.ts";

// an embedded server
export { EmbeddedPostgres } from "./embedded/embedded-postgres.ts";
export { startPostgres, type StartPostgresOptions } from "./embedded/start-postgres.ts";

// tracing
export type { QueryMessage } from "../shared/query-channel.ts";

// errors
export {
  AcquireTimeoutError,
  ConnectError,
  ConnectionBusyError,
  ConnectionClosedError,
  ConnectionLostError,
  EmbeddedPostgresError,
  PostgresError,
  type PostgresErrorDetails,
  QueryArgumentError,
  TransactionAbortedError,
} from "./errors.ts";
export { MissingPackageError } from "../shared/optional-peer.ts";
