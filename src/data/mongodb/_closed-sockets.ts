// The driver writes a command to a socket and, if the socket says that its buffer is full, waits for "drain" or
// "error". A socket that closes without an error emits neither, and the command waits for ever:
//
//   - A server closes an idle connection. Between the end of the socket and its "close", the driver still takes it for
//     open. A command that begins then is written to a destroyed socket, which says that its buffer is full. In the
//     monitor this command is the next check, and without checks the server stays unknown for ever.
//   - A large command waits for "drain", and the time limit of the socket runs out.
//
// The driver looks at the connection again after "drain", and throws the error that closed it. So "drain" after "close"
// is enough.

/** A socket of the driver. */
interface DriverSocket {
  once(event: "close", listener: () => void): unknown;
  emit(event: "drain"): unknown;
}

interface DriverConnection {
  readonly socket?: DriverSocket;
}

/** @internal The connections of one server. This is not public in the driver, so each part may be missing. */
export interface DriverServer {
  readonly pool?: {
    readonly connections?: Iterable<DriverConnection>;
    readonly checkedOut?: Iterable<DriverConnection>;
  };
  readonly monitor?: { readonly connection?: DriverConnection | null } | null;
}

/** @internal What is used of the driver's client here. */
export interface WatchedClient {
  readonly topology?: { readonly s?: { readonly servers?: ReadonlyMap<string, DriverServer> } } | undefined;
  on(event: "connectionReady" | "serverHeartbeatSucceeded", listener: () => void): unknown;
}

/** @internal Wakes every command that waits to be written to a socket of `client` when that socket closes. */
export function wakeWritersOnClose(client: WatchedClient): void {
  const watched = new WeakSet<DriverSocket>();
  const watchNew = (): void => {
    for (const socket of socketsOf(client)) {
      if (watched.has(socket)) continue;
      watched.add(socket);
      // The driver's own listener was there first, so that the connection has its error already.
      socket.once("close", () => socket.emit("drain"));
    }
  };
  // The driver emits these events before it keeps the connection. No socket closes before the microtask.
  client.on("connectionReady", () => queueMicrotask(watchNew));
  client.on("serverHeartbeatSucceeded", () => queueMicrotask(watchNew));
}

function* socketsOf(client: WatchedClient): Generator<DriverSocket> {
  for (const { pool, monitor } of client.topology?.s?.servers?.values() ?? []) {
    for (const connection of [monitor?.connection, ...(pool?.connections ?? []), ...(pool?.checkedOut ?? [])]) {
      if (connection?.socket !== undefined) yield connection.socket;
    }
  }
}
