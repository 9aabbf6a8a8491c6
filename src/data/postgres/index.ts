// A client of PostgreSQL over pg: queries, pools and transactions that are cancelled on the server.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// connections
export { connect } from "./connect.ts";
export { Connection, type ConnectionStatistics } from "./connection.ts";
export type { ConnectOptions } from "./open-session.ts";
export { createPool, Pool, type PoolOptions, type PoolStatistics } from "./pool.ts";
export { Database, type DatabaseApplication, type DatabaseOptions, postgres } from "./database.ts";

// queries
export { Queryable, type Row } from "./queryable.ts";
export { type Identifier, type Sql, sql, type SqlTag } from "./sql.ts";
export { RowStream, type StreamOptions } from "./row-stream.ts";
export { type Isolation, Transaction, type TransactionOptions } from "./transaction.ts";

// a server of one's own
export { EmbeddedPostgres } from "./embedded/embedded-postgres.ts";
export { startPostgres, type StartPostgresOptions } from "./embedded/start-postgres.ts";

// errors
export {
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
export { MissingPackageError } from "../optional-peer.ts";
