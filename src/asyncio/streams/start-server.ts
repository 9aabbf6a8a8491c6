import { createServer, type ListenOptions, type Server as Listener } from "node:net";
import { createServer as createSecureServer, type TlsOptions } from "node:tls";
import { currentScope, outside, type Resource, throwPending } from "../core/index.ts";
import { requireCount, requireFunction } from "../../base/options.ts";
import { once } from "./_once.ts";
import { type ClientHandler, Server } from "./server.ts";

/** Options for starting a server. */
export interface ServerStartOptions {
  /** How many bytes `readLine` and `readUntil` of a client's reader search for a separator. @default 65_536 */
  readonly limit?: number;
  /** How many connections the system queues until they are accepted. @default 511 */
  readonly backlog?: number;
  /** The certificate and key, if connections are encrypted. */
  readonly tls?: TlsOptions;
}

/**
 * Listens on `port` of `host`, and runs `handler` as a task for each client. When the handler returns or throws, the
 * client's connection is closed. An error that it throws is reported to the exception handler.
 *
 * The server is a task itself. It belongs to the nearest group, request or run, and is closed when that ends. `await
 * using` closes it earlier.
 *
 * @param port - 0 for any free port: see `server.port`.
 * @param host - A name or an IP address of this machine; the default can be reached from this machine only.
 * @throws {Error} If it cannot listen there; `code` is the system's error code, such as `EADDRINUSE`.
 * @throws {CancelledError} If this call is cancelled; nothing is left open.
 * @example
 * await using server = await startServer(async (reader, writer) => {
 *   for await (const line of reader) writer.write(line);
 * }, 0);
 * const [reader, writer] = await openConnection(server.port);
 * await using _ = writer;
 * writer.write("echo\n");
 * console.log((await reader.readLine()).toString()); // echo
 * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server
 */
export function startServer(
  handler: ClientHandler,
  port: number,
  host = "localhost",
  options: ServerStartOptions = {},
): Promise<Server> {
  return start(handler, { port, host }, `${host}:${port}`, options);
}

/**
 * Like {@link startServer}, but listens on a Unix socket at `path`. The socket file is removed when the server is
 * closed.
 *
 * @throws {Error} If it cannot listen there; `code` is the system's error code, such as `EADDRINUSE`.
 * @throws {CancelledError} If this call is cancelled; nothing is left open.
 * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_unix_server
 */
export function startUnixServer(
  handler: ClientHandler,
  path: string,
  options: ServerStartOptions = {},
): Promise<Server> {
  return start(handler, { path }, path, options);
}

async function start(
  handler: ClientHandler,
  address: ListenOptions,
  name: string,
  options: ServerStartOptions,
): Promise<Server> {
  requireFunction(handler, "start a server");
  if (options.limit !== undefined) requireCount(options.limit, 1, "set the limit of a stream", true);
  throwPending(currentScope());
  const listener = outside(makeListener, options);
  const resource: Resource = { kind: "server", name };
  // If this call is cancelled, Node may still be looking up the host name, and would listen although it was told to
  // close.
  let abandoned = false;
  listener.on("listening", () => abandoned && listener.close());
  try {
    outside(() => listener.listen({ ...address, backlog: options.backlog ?? 511 }));
    await once(listener, "listening", resource);
    return new Server(listener, handler, options.limit);
  } catch (error) {
    abandoned = true;
    listener.on("error", ignore);
    listener.close();
    throw error;
  }
}

function makeListener({ tls }: ServerStartOptions): Listener {
  return tls === undefined
    ? createServer({ allowHalfOpen: true })
    : createSecureServer({ handshakeTimeout: 10_000, ...tls, allowHalfOpen: false } as TlsOptions);
}

// An error of an abandoned listener is ignored: the caller already has the first error or the cancellation.
function ignore(): void {}
