import { chmodSync } from "node:fs";
import type * as Net from "node:net";
import { callExceptionHandler, park } from "../../asyncio/index.ts";
import type { ServerAddress } from "../listener.ts";
import type { Bind } from "./bind.ts";
import { takeHeldSocket } from "./held-sockets.ts";
import { ListenError } from "./listen-error.ts";
import { removeStaleSocket, socketPathOf } from "./unix-socket.ts";

/**
 * @internal Has a server listen on an address and a port, on a Unix socket, or on a socket that is open already; what it
 * cannot accept then is reported.
 *
 * @param mode The rights of a Unix socket; those that the process's umask leaves, if there are none.
 * @throws {ListenError} If the system refuses.
 */
export async function listenAt(server: Net.Server, bind: Bind, mode?: number): Promise<Omit<ServerAddress, "scheme">> {
  const { host, port } = bind;
  const path = socketPathOf(host);
  const fd = bind.fd ?? takeHeldSocket(bind);
  if (path !== undefined && fd === undefined) await removeStaleSocket(path);
  await park<void>({ kind: "listen", name: path ?? (bind.fd === undefined ? `${host}:${port}` : host) }, (waiting) => {
    const refuse = (error: Error): void => void waiting.fail(new ListenError(host, port, error));
    server.once("error", refuse);
    const listening = (): void => {
      server.off("error", refuse);
      waiting.wake();
    };
    try {
      begin(server, { ...bind, fd }, path, listening);
    } catch (error) {
      refuse(error as Error);
    }
  });
  if (path !== undefined && mode !== undefined) chmodSync(path, mode);
  // From now on it is a connection that could not be accepted, for example for want of a file descriptor.
  server.on("error", (error) => callExceptionHandler({ message: "Error while accepting a connection", error }));
  if (path !== undefined) return { host, port: 0 };
  const address = server.address();
  if (address === null || typeof address === "string") return { host, port: 0 };
  return { host: address.address, port: address.port };
}

type Place = Pick<Bind, "host" | "port"> & { readonly fd: number | undefined };

function begin(server: Net.Server, bind: Place, path: string | undefined, listening: () => void): void {
  const { host, port, fd } = bind;
  if (fd !== undefined) server.listen({ fd }, listening);
  else if (path !== undefined) server.listen({ path }, listening);
  else server.listen(bindAlone(host, port) ?? { host, port }, listening);
}

// Node looks up every host, even an address, and tests the result by a regular expression that takes longer to compile than
// all else that a server does to listen. A socket that is bound already needs neither. A process with a channel to its
// parent may be a worker of a cluster, which shares the socket of its parent. Node 24 cannot bind alone.
function bindAlone(host: string, port: number): Net.BoundSocket | undefined {
  const { BoundSocket: Bound } = process.getBuiltinModule("node:net") as Partial<typeof Net>;
  if (Bound === undefined || process.send !== undefined || !/^\d+(?:\.\d+){3}$/.test(host)) return undefined;
  return new Bound({ host, port });
}
