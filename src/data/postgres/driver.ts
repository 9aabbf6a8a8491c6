// The only file that imports `pg`. The types of `pg` are not used, because our declarations must type-check without
// `pg`. The part of its API that we use is declared here. `connection`, `readyForQuery`, `processID` and `secretKey`
// are undocumented fields of pg, but pg's own pool and cursors use them too.

import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { outside } from "../../asyncio/index.ts";
import { loadOptionalPeer } from "../shared/optional-peer.ts";

/** @internal The result of a query in pg. */
export interface PgResult {
  /** The rows, as objects. */
  readonly rows: object[];
  /** How many rows were affected or returned; null for a statement without rows. */
  readonly rowCount: number | null;
  /** The first word of the command tag: `COMMIT`; null for an empty text. */
  readonly command: string | null;
  /** The columns. */
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/**
 * @internal The callback that pg calls when a query has ended. The result is an array if the text had several
 * statements.
 */
export type PgCallback = (error: Error | null | undefined, result?: PgResult | PgResult[]) => void;

/**
 * @internal The transaction status of a connection: no transaction (`I`), in a transaction (`T`), or in a failed
 * transaction (`E`).
 */
export type TransactionStatus = "I" | "T" | "E";

/** @internal The connection of a client, which sends and receives protocol messages. */
export interface PgConnection {
  readonly stream: Socket;
  on(event: "readyForQuery", listener: (message: { readonly status: TransactionStatus }) => void): unknown;
  once(event: "readyForQuery", listener: () => void): unknown;
  once(event: "parameterDescription", listener: (message: PgParameterDescription) => void): unknown;
  off(event: "parameterDescription", listener: (message: PgParameterDescription) => void): unknown;
  parse(message: { readonly text: string }): void;
  describe(message: { readonly type: "S" }): void;
  sync(): void;
}

/** @internal The types of a query's parameters. */
export interface PgParameterDescription {
  readonly dataTypeIDs: readonly number[];
}

/** @internal An operation other than a query that can be put into a client's queue. */
export interface PgSubmittable {
  submit(connection: PgConnection): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
  handleRowDescription(): void;
}

/** @internal A client of pg. */
export interface PgClient {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly ssl: boolean | ConnectionOptions;
  readonly sslNegotiation?: string;
  readonly processID: number | null;
  readonly secretKey: number | null;
  /** Whether the server waits for the next query. */
  readonly readyForQuery?: boolean;
  readonly connection: PgConnection;
  connect(callback: (error?: Error | null) => void): void;
  query(text: string, values: readonly unknown[] | undefined, callback: PgCallback): void;
  query(submittable: PgSubmittable): void;
  end(callback: () => void): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
}

/** @internal Options of a client of pg. */
export interface PgClientOptions {
  readonly host?: string;
  readonly port?: string;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly ssl?: boolean | ConnectionOptions;
  readonly connectionTimeoutMillis: number;
  readonly keepAlive: boolean;
  readonly fallback_application_name: string;
}

/** @internal The part of pg that we use. */
export interface Pg {
  readonly Client: new (options: PgClientOptions) => PgClient;
}

/**
 * @internal Loads pg.
 *
 * @throws {MissingPackageError} If pg is not installed.
 */
export async function loadPg(): Promise<Pg> {
  const load = (): Promise<unknown> => outside(() => import("pg"));
  const module = (await loadOptionalPeer("pg", "use PostgreSQL", load)) as { readonly default: Pg };
  return module.default;
}
