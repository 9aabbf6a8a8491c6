import type * as Net from "node:net";
import { callExceptionHandler, park } from "../asyncio/index.ts";
import { ListenError } from "./listen-error.ts";
import type { ServerAddress } from "./listener.ts";
import { removeStaleSocket, socketPathOf } from "./unix-socket.ts";

/**
 * @internal Has a server listen on an address and a port, or on a Unix socket; what it cannot accept then is reported.
 *
 * @throws {ListenError} If the system refuses.
 */
export async function listenAt(server: Net.Server, host: string, port: number): Promise<ServerAddress> {
  const path = socketPathOf(host);
  if (path !== undefined) await removeStaleSocket(path);
  await park<void>({ kind: "listen", name: path ?? `${host}:${port}` }, (waiting) => {
    const refuse = (error: Error): void => void waiting.fail(new ListenError(host, port, error));
    server.once("error", refuse);
    const listening = (): void => {
      server.off("error", refuse);
      waiting.wake();
    };
    try {
      if (path !== undefined) server.listen({ path }, listening);
      else server.listen(bind(host, port) ?? { host, port }, listening);
    } catch (error) {
      refuse(error as Error);
    }
  });
  // From now on it is a connection that could not be accepted, for example for want of a file descriptor.
  server.on("error", (error) => callExceptionHandler({ message: "Error while accepting a connection", error }));
  if (path !== undefined) return { host, port: 0 };
  const address = server.address() as Net.AddressInfo;
  return { host: address.address, port: address.port };
}

// Node looks up every host, even an address, and tests the result by a regular expression that takes longer to compile than
// all else that a server does to listen. A socket that is bound already needs neither. A process with a channel to its
// parent may be a worker of a cluster, which shares the socket of its parent. Node 24 cannot bind alone.
function bind(host: string, port: number): Net.BoundSocket | undefined {
  const { BoundSocket: Bound } = process.getBuiltinModule("node:net") as Partial<typeof Net>;
  if (Bound === undefined || process.send !== undefined || !/^\d+(?:\.\d+){3}$/.test(host)) return undefined;
  return new Bound({ host, port });
}
