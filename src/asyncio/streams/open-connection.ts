import { connect, type NetConnectOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectSecurely } from "node:tls";
import { closeWithScope, currentScope, outside, type Resource, throwPending } from "../core/index.ts";
import { wrapSocket } from "./_connection.ts";
import { once } from "./_once.ts";
import type { StreamReader } from "./stream-reader.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** Options for opening a connection. */
export interface ConnectionOpenOptions {
  /** How many bytes `readLine` and `readUntil` search for a separator. @default 65_536 */
  readonly limit?: number;
  /** Whether the connection is encrypted; an object also says how. @default false */
  readonly tls?: boolean | ConnectionOptions;
}

/**
 * Connects to `port` of `host`. Closing the writer closes the connection. It is closed at the latest when the scope in
 * which it was opened ends, after all written data has been sent.
 *
 * @param host - A name or an IP address.
 * @throws {Error} If nothing answers there; `code` is the system's error code, such as `ECONNREFUSED`.
 * @throws {CancelledError} If this call is cancelled; nothing is left open.
 * @example
 * await using server = await startServer((_reader, writer) => writer.write("welcome\n"), 0);
 * const [reader, writer] = await openConnection(server.port, "127.0.0.1");
 * await using _ = writer;
 * console.log((await reader.readLine()).toString()); // welcome
 * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.open_connection
 */
export function openConnection(
  port: number,
  host = "localhost",
  options: ConnectionOpenOptions = {},
): Promise<[reader: StreamReader, writer: StreamWriter]> {
  return open({ port, host, allowHalfOpen: true }, `${host}:${port}`, options);
}

/**
 * Connects to the Unix socket at `path`.
 *
 * @throws {Error} If nothing answers there; `code` is the system's error code, such as `ENOENT`.
 * @throws {CancelledError} If this call is cancelled; nothing is left open.
 * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.open_unix_connection
 */
export function openUnixConnection(
  path: string,
  options: ConnectionOpenOptions = {},
): Promise<[reader: StreamReader, writer: StreamWriter]> {
  return open({ path, allowHalfOpen: true }, path, options);
}

async function open(
  address: NetConnectOpts & { host?: string },
  name: string,
  options: ConnectionOpenOptions,
): Promise<[reader: StreamReader, writer: StreamWriter]> {
  throwPending(currentScope());
  const { tls = false, limit } = options;
  const forget = closeWithScope(() => socket.destroySoon());
  const socket = outside(dial, address, tls).once("close", forget);
  const connection = wrapSocket(socket, { name, limit, host: address.host, isServer: false });
  const resource: Resource = { kind: "connection", name };
  try {
    await once(socket, tls === false ? "connect" : "secureConnect", resource);
    return connection;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

// An encrypted connection cannot be half open: it ends in both directions when the peer ends it.
function dial(address: NetConnectOpts & { host?: string }, tls: boolean | ConnectionOptions): Socket {
  if (tls === false) return connect(address);
  const settings = tls === true ? {} : tls;
  const encrypted = { ...address, ...settings, allowHalfOpen: false };
  return connectSecurely(encrypted);
}
