// Opens connections: reads the settings from a URL, and explains why a server cannot be reached.
//
// The URL is read here. The driver's own parser is not used, because it does not decode `%23` in a database name,
// refuses a password with a `%` in it, and treats `sslmode=prefer` as `verify-full`.

import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { outside, type Park, park } from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { noop } from "../../base/noop.ts";
import { option } from "../../base/options.ts";
import { longestTimeout } from "../../base/platform-timer.ts";
import { loadPg, type Pg, type PgClient, type PgClientOptions } from "./driver.ts";
import { ConnectError } from "./errors.ts";
import { Session } from "./session.ts";

/** Options for opening a connection. */
export interface ConnectOptions {
  /** The time limit for connecting, in milliseconds. @default 10_000 */
  readonly connectTimeout?: number;
}

/** @internal The checked connection settings. */
export interface ConnectSettings {
  /** The options for the driver. */
  readonly client: PgClientOptions;
  /** Whether to connect without encryption if the server does not support it. */
  readonly mayBePlain: boolean;
  readonly connectTimeout: number;
}

// User name and password end at the last `@` before the host, so they may contain any characters.
const form = /^postgres(?:ql)?:\/\/(?:([^:@]*?)(?::(.*))?@)?([^@/?#]*)(?:\/([^?@]*))?(?:\?(.*))?$/s;
const place = /^(.*?)(?::(\d+))?$/;

/**
 * @internal Checks the URL and the options of a caller.
 *
 * @throws {TypeError} If the URL is not a PostgreSQL URL. The message does not contain the URL, because it may contain
 * a password.
 * @throws {RangeError} If `connectTimeout` is not above 0.
 */
export function checkConnectSettings(url: unknown, { connectTimeout = 10_000 }: ConnectOptions): ConnectSettings {
  const limit = option("connect", "connectTimeout", connectTimeout).milliseconds({ above: 0 });
  const [user, password, hostAndPort, database, query] = splitUrl(url);
  const parameters = Object.fromEntries(new URLSearchParams(query));
  const [, host, port] = place.exec(hostAndPort ?? "")!;
  if (Number(port ?? 0) > 65_535 || host!.replace(/^\[.*\]$/, "").includes(":")) refuseUrl();
  const { ssl, mayBePlain } = encryptionOf(parameters);
  const client: PgClientOptions = {
    ...withoutEmpty({ user: decode(user), password: decode(password), database: decode(database), port }),
    ...withoutEmpty({ host: decode(host)?.replace(/^\[(.*)\]$/, "$1") }),
    ...withoutEmpty(parameters),
    ...(ssl === undefined ? {} : { ssl }),
    connectionTimeoutMillis: Math.min(limit, longestTimeout),
    keepAlive: true,
    fallback_application_name: "pottle",
  };
  return { client, mayBePlain, connectTimeout: limit };
}

function splitUrl(url: unknown): (string | undefined)[] {
  const parts = typeof url === "string" ? form.exec(url) : null;
  return parts?.slice(1) ?? refuseUrl();
}

function refuseUrl(): never {
  throw new TypeError("Cannot connect as the URL must be like postgres://user:password@host:5432/database");
}

// A `%` that does not begin an escape stands for itself.
function decode(text: string | undefined): string | undefined {
  return text?.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes; // the bytes are not UTF-8
    }
  });
}

function withoutEmpty(settings: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  );
}

const modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full", "no-verify"] as const;

interface Encryption {
  /** The value for the driver. With `undefined`, the driver would read its environment variables. */
  readonly ssl: boolean | ConnectionOptions | undefined;
  readonly mayBePlain: boolean;
}

// Certificates are fully checked, except in the modes that explicitly request less.
function encryptionOf(parameters: Readonly<Record<string, string>>): Encryption {
  const { sslmode = process.env["PGSSLMODE"], ssl, sslnegotiation } = parameters;
  const files = certificatesOf(parameters);
  if (sslmode !== undefined && sslmode !== "") {
    const mode = option("connect", "sslmode", sslmode as (typeof modes)[number]).oneOf(modes);
    if (mode === "disable") return { ssl: false, mayBePlain: false };
    if (mode === "allow" || mode === "prefer")
      return { ssl: { ...files, rejectUnauthorized: false }, mayBePlain: true };
    return { ssl: mode === "no-verify" ? { ...files, rejectUnauthorized: false } : { ...files }, mayBePlain: false };
  }
  if (ssl === "no-verify") return { ssl: { ...files, rejectUnauthorized: false }, mayBePlain: false };
  if (ssl === "0" || ssl === "false") return { ssl: false, mayBePlain: false };
  const isAsked = ssl === "1" || ssl === "true" || sslnegotiation === "direct" || Object.keys(files).length > 0;
  return { ssl: isAsked ? { ...files } : undefined, mayBePlain: false };
}

function certificatesOf({ sslcert, sslkey, sslrootcert }: Readonly<Record<string, string>>): ConnectionOptions {
  const read = (file: string): string => readFileSync(file, "utf8");
  return {
    ...(sslcert === undefined ? {} : { cert: read(sslcert) }),
    ...(sslkey === undefined ? {} : { key: read(sslkey) }),
    ...(sslrootcert === undefined ? {} : { ca: read(sslrootcert) }),
  };
}

/** @internal The address of the database for messages, without user name and password. */
export function nameOfPlace({ client: { host = "localhost", port, database } }: ConnectSettings): string {
  return `${host}${port === undefined ? "" : `:${port}`}${database === undefined ? "" : `/${database}`}`;
}

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
