import type { Server } from "node:http";
import type * as Net from "node:net";

/** @internal Where a server is to listen: on a path, or on a host and a port. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
  readonly path: string | undefined;
}

/**
 * @internal Has a server listen, and calls `listening` when it does.
 *
 * @throws {Error} If the address cannot be bound; other failures are an `error` event of the server.
 */
export function listenAt(server: Server, { host, port, path }: ListenPlace, listening: () => void): void {
  if (path !== undefined) server.listen({ path }, listening);
  else server.listen(bind(host, port) ?? { host, port }, listening);
}

// Node looks up every host, even an address, and tests the result by a regular expression that takes longer to compile than
// all else that a server does to listen. A socket that is bound already needs neither. A process with a channel to its
// parent may be a worker of a cluster, which shares the socket of its parent. Node 24 cannot bind alone.
function bind(host: string, port: number): Net.BoundSocket | undefined {
  const { BoundSocket: Bound } = process.getBuiltinModule("node:net") as Partial<typeof Net>;
  if (Bound === undefined || process.send !== undefined || !/^\d+(?:\.\d+){3}$/.test(host)) return undefined;
  return new Bound({ host, port });
}
