import { outside, type Park, park } from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { noop } from "../../base/noop.ts";
import type { ConnectSettings } from "./connect-settings.ts";
import { loadPg, type Pg, type PgClient } from "./driver.ts";
import { ConnectError } from "./errors.ts";
import { Session } from "./session.ts";

/**
 * @internal Opens a connection outside the caller's scope.
 *
 * @param onLost - Called once, when the connection is lost.
 * @throws {ConnectError} If no connection can be opened.
 * @throws {MissingPackageError} If `pg` is not installed.
 * @throws {CancelledError} If the call is cancelled; nothing is left open.
 */
export async function openSession(settings: ConnectSettings, onLost: (session: Session) => void): Promise<Session> {
  const pg = await loadPg();
  try {
    return await open(pg, settings, onLost);
  } catch (error) {
    if (!settings.mayBePlain || !isWithoutEncryption(error)) throw error;
    return await open(pg, { ...settings, client: { ...settings.client, ssl: false } }, onLost);
  }
}

function isWithoutEncryption(error: unknown): boolean {
  return (
    error instanceof ConnectError && (error.cause as Error).message === "The server does not support SSL connections"
  );
}

async function open(pg: Pg, settings: ConnectSettings, onLost: (session: Session) => void): Promise<Session> {
  const client = outside(() => makeClient(pg, settings));
  const resource = { kind: "postgres connection", name: nameOf(client) };
  // The driver keeps its callbacks as long as the connection is open, so they must not refer to the wait, which refers
  // to the task.
  let waiting: Park<Session> | undefined;
  const done = (error?: Error | null): void => {
    const wait = waiting;
    waiting = undefined;
    if (error !== undefined && error !== null) {
      destroy(client);
      wait?.fail(describe(error, client, settings));
    } else if (wait?.isWaiting !== true) {
      destroy(client);
    } else {
      wait.wake(new Session(client, onLost));
    }
  };
  client.on("error", noop); // errors are reported by `done`, or to the session
  const start = (wait: Park<Session>): void => {
    waiting = wait;
    outside(() => client.connect(done));
  };
  const session = await park<Session>(resource, start, {
    onCancel: (error, wait) => {
      destroy(client);
      wait.fail(error);
    },
    giveBack: (opened) => opened.destroy(),
  });
  // The server may have accepted and closed the connection at once; then `onLost` was called before the session was
  // known.
  if (session.isLost) throw describe(new Error("the server ended it at once"), client, settings);
  return session;
}

function makeClient({ Client }: Pg, { client }: ConnectSettings): PgClient {
  try {
    return new Client(client);
  } catch (error) {
    // Without a cause, because the driver's error may contain the settings, including the password.
    throw new ConnectError(`Cannot connect to PostgreSQL as the URL cannot be used: ${codeOf(error) ?? "unknown"}`);
  }
}

function destroy(client: PgClient): void {
  client.connection.stream.destroy();
}

function nameOf({ host, port, database }: PgClient): string {
  return host.startsWith("/") ? `${host}/.s.PGSQL.${port}/${database}` : `${host}:${port}/${database}`;
}

function describe(error: Error, client: PgClient, { connectTimeout }: ConnectSettings): ConnectError {
  const code = codeOf(error);
  const reason = reasonFor(code, error, client, connectTimeout);
  return new ConnectError(`Cannot connect to PostgreSQL at ${nameOf(client)} as ${reason}`, code, { cause: error });
}

function reasonFor(code: string | undefined, error: Error, { user, database }: PgClient, ms: number): string {
  switch (code ?? "") {
    case "ECONNREFUSED":
    case "ENOENT":
      return "no server listens there: start the server, or correct the URL";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "there is no such host: check the URL";
    case "28P01":
    case "28000":
      return `the server refused user ${JSON.stringify(user)} or the password: check both (${error.message})`;
    case "3D000":
      return `there is no database ${JSON.stringify(database)}: create it, or name another in the URL`;
    case "53300":
      return `the server has as many connections as it may have: close some, or make pools smaller (${error.message})`;
    case "57P03":
      return `the server is not ready: try again in a moment (${error.message})`;
    default:
      if (error.message.includes("client password must be"))
        return `the server asks for a password: put it into the URL`;
      if (error.message === "timeout expired") return `it did not answer within ${ms} ms`;
      return `${error.message}${code === undefined ? "" : ` (${code})`}`;
  }
}
