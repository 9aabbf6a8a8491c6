import { checkConnectSettings, type ConnectOptions, openSession } from "./open-session.ts";
import { Connection } from "./connection.ts";

/**
 * Opens a connection of its own. For more than one thing at a time, a pool is better.
 *
 * @param url - `postgres://user:password@host:5432/database`; what it leaves out comes from `PGUSER`, `PGPASSWORD` and so
 * on. `?sslmode=verify-full` encrypts.
 * @returns The connection. `await using` closes it; at the latest it is closed with the scope that it was opened in.
 * @throws {ConnectError} If none can be opened; the message says what to do.
 * @throws {MissingPackageError} If `pg` is not installed.
 * @throws {TypeError} If the URL is none of PostgreSQL.
 * @throws {CancelledError} If it is cancelled; nothing is left open.
 * @throws {InvalidStateError} If the scope that it would belong to has ended; nothing is left open.
 * @example
 * await using server = await startPostgres();
 * await using connection = await connect(server.url);
 * console.log(await connection.query("select $1::int + 1 as next", [41])); // [ { next: 42 } ]
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Connection> {
  const session = await openSession(checkConnectSettings(url, options), () => {});
  try {
    return new Connection(session, (ended) => ended.close());
  } catch (error) {
    await session.close();
    throw error;
  }
}
