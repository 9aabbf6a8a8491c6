import { outside, type Park, park } from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { noop } from "../../base/noop.ts";
import { option } from "../../base/options.ts";
import { longestTimeout } from "../../base/platform-timer.ts";
import { loadPg, type PgClient } from "./driver.ts";
import { ConnectError } from "./errors.ts";
import { Session } from "./session.ts";

/** How a connection is opened. */
export interface ConnectOptions {
  /** How long it may take to connect, in milliseconds. @default 10_000 */
  readonly connectTimeout?: number;
}

/** @internal Where to connect, checked. */
export interface ConnectSettings {
  readonly url: string;
  readonly connectTimeout: number;
}

/**
 * @internal Checks where somebody wants to connect.
 *
 * @throws {TypeError} If the URL is none of PostgreSQL. The message does not repeat it: it may have a password in it.
 * @throws {RangeError} If `connectTimeout` is not above 0.
 */
export function checkConnectSettings(url: unknown, { connectTimeout = 10_000 }: ConnectOptions): ConnectSettings {
  if (typeof url !== "string" || !/^postgres(ql)?:\/\//.test(url) || !canParse(url)) {
    throw new TypeError("Cannot connect as the URL must be like postgres://user:password@host:5432/database");
  }
  return { url, connectTimeout: option("connect", "connectTimeout", connectTimeout).milliseconds({ above: 0 }) };
}

// For a socket of the file system PostgreSQL has URLs with a user and no host.
function canParse(url: string): boolean {
  return URL.canParse(url.replace("@/", "@localhost/"));
}

/**
 * @internal Opens a connection; nothing of it belongs to the caller's scope.
 *
 * @param onLost - Called once, when the connection is gone.
 * @throws {ConnectError} If none can be opened.
 * @throws {MissingPackageError} If the driver is not installed.
 * @throws {CancelledError} If it is cancelled; nothing is left open.
 */
export async function openSession(settings: ConnectSettings, onLost: (session: Session) => void): Promise<Session> {
  const { Client } = await loadPg();
  const client = outside(() => makeClient(Client, settings));
  const resource = { kind: "postgres connection", name: nameOf(client) };
  // The driver keeps what it calls for as long as the connection lasts: it must not lead to the wait, and so to the task.
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
  client.on("error", noop); // each is told by `done`, or to the session
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
  // The server may say goodbye together with its welcome: `onLost` was called before anybody knew the session.
  if (session.isLost) throw describe(new Error("the server ended it at once"), client, settings);
  return session;
}

function makeClient(Client: new (options: never) => PgClient, { url, connectTimeout }: ConnectSettings): PgClient {
  const options = {
    connectionString: url,
    connectionTimeoutMillis: Math.min(connectTimeout, longestTimeout),
    keepAlive: true,
    fallback_application_name: "pottle",
  };
  try {
    return new Client(options as never);
  } catch (error) {
    // No cause: what the driver throws may repeat the URL, and the password with it.
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
      return "nobody listens there: start the server, or have the URL say where it runs";
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
