// Reads the connection settings from a URL. The driver's own parser is not used, because it does not decode `%23` in a
// database name, refuses a password with a `%` in it, and treats `sslmode=prefer` as `verify-full`.

import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { option } from "../../base/options.ts";
import { longestTimeout } from "../../base/platform-timer.ts";
import type { PgClientOptions } from "./driver.ts";

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
