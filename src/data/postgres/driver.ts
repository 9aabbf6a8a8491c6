// The one door to `pg`. Its types are not used: who has no `pg` must be able to type-check our declarations. What we
// rely on is written down here; `connection`, `readyForQuery`, `processID` and `secretKey` are fields of pg's own that
// its documentation does not list, and that its pool and its cursors use as well.

import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { outside } from "../../asyncio/index.ts";
import { loadOptionalPeer } from "../shared/optional-peer.ts";

/** @internal What pg gives for a query. */
export interface PgResult {
  /** The rows, as objects. */
  readonly rows: object[];
  /** How many rows were affected, or given; null for what has no rows. */
  readonly rowCount: number | null;
  /** The first word of what the server did: `COMMIT`; null for an empty text. */
  readonly command: string | null;
  /** The columns. */
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** @internal What pg calls when a query is over; an array if the text had several statements. */
export type PgCallback = (error: Error | null | undefined, result?: PgResult | PgResult[]) => void;

/** @internal Whether a connection is in no transaction (`I`), in one (`T`), or in one in which a query failed (`E`). */
export type TransactionStatus = "I" | "T" | "E";

/** @internal The connection of a client, on which one writes and hears messages of the protocol. */
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

/** @internal Something else than a query that a client does in its turn. */
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

/** @internal How a client of pg is made. */
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
 * @internal Loads pg, once.
 *
 * @throws {MissingPackageError} If it is not installed.
 */
export async function loadPg(): Promise<Pg> {
  const load = (): Promise<unknown> => outside(() => import("pg"));
  const module = (await loadOptionalPeer("pg", "use PostgreSQL", load)) as { readonly default: Pg };
  return module.default;
}
