import { connect, type NetConnectOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectSecurely } from "node:tls";
import { closeWithScope, currentScope, outside, type Resource, throwPending } from "../core/index.ts";
import { wrapSocket } from "./_connection.ts";
import { once } from "./_once.ts";
import type { StreamReader } from "./stream-reader.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** How a connection is opened. */
export interface ConnectionOpenOptions {
  /** How many bytes `readLine` and `readUntil` look through for a separator. @default 65_536 */
  readonly limit?: number;
  /** Whether, and how, the connection is encrypted. @default false */
  readonly tls?: boolean | ConnectionOptions;
}

/**
 * Connects to `port` of `host`. Closing the writer closes the connection. At the latest it is closed with the scope that it
 * was opened in, when all that was written has gone out.
 *
 * @param host - A name or an IP address.
 * @throws {Error} If nobody answers there, with the `code` that the system gives, such as `ECONNREFUSED`.
 * @throws {CancelledError} If it is cancelled; nothing is left open.
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
 * Connects to the unix socket at `path`.
 *
 * @throws {Error} If nobody answers there, with the `code` that the system gives, such as `ENOENT`.
 * @throws {CancelledError} If it is cancelled; nothing is left open.
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

// An encrypted connection cannot be half open: it ends when the peer ends it.
function dial(address: NetConnectOpts & { host?: string }, tls: boolean | ConnectionOptions): Socket {
  if (tls === false) return connect(address);
  const settings = tls === true ? {} : tls;
  const encrypted = { ...address, ...settings, allowHalfOpen: false };
  return connectSecurely(encrypted);
}
