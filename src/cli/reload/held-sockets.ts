// The watcher binds each socket and never accepts: the application's process inherits it, listens and accepts. While no
// process accepts, the system keeps the connections that arrive, up to the length of its queue, and the next process gets them.
//
// Node has no public function for a socket that is bound and does not accept. Its own `node:cluster` uses the one below. Where
// it is missing, and on Windows, where a process does not inherit sockets, nothing is held: the application listens by itself.

import { lstatSync, rmSync } from "node:fs";
import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import { park, waitPromise } from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { net } from "../../base/node.ts";
import { isSocket } from "../run-settings.ts";

/** A place to listen on. */
export interface Place {
  /** An address or a name, or `unix:` and a path. */
  readonly host: string;
  /** 0 for any that is free, and for a path. */
  readonly port: number;
}

/** A socket of Node that is bound, or the number of the error why it is not. */
type Bound =
  | number
  | {
      readonly fd: number;
      readonly close: () => void;
      readonly getsockname?: (address: { port?: number }) => number;
    };

type Bind = (address: string, port: number, family: number) => Bound;

interface HeldSocket {
  readonly fd: number;
  readonly port: number;
  readonly close: () => void;
}

/** The sockets that outlive the processes of an application. */
export class HeldSockets implements Disposable {
  readonly #sockets = new Map<string, HeldSocket>();

  /** Holds a socket for each place that can be bound, and closes those for others. */
  async hold(places: readonly Place[]): Promise<void> {
    const wanted = new Set(places.map(keyOf));
    for (const [key, socket] of this.#sockets) if (!wanted.has(key)) this.#drop(key, socket);
    for (const place of places) {
      const key = keyOf(place);
      if (this.#sockets.has(key)) continue;
      // If a place cannot be bound, the application tries it too, and reports the error.
      const socket = await bind(place);
      if (socket === undefined) continue;
      this.#sockets.set(key, socket);
    }
  }

  /** Whether a socket is held for each of some places. */
  has(places: readonly Place[]): boolean {
    return places.every((place) => this.#sockets.has(keyOf(place)));
  }

  /**
   * Has a socket that was bound to any free port count as one for the port that it got.
   *
   * @returns That port; `undefined` if no socket is held for the place.
   */
  fix({ host, port }: Place): number | undefined {
    const key = keyOf({ host, port });
    const socket = this.#sockets.get(key);
    if (socket === undefined) return undefined;
    this.#sockets.delete(key);
    this.#sockets.set(keyOf({ host, port: socket.port }), socket);
    return socket.port;
  }

  /** The names of the places, and the file descriptors of their sockets in this process. */
  get entries(): readonly (readonly [place: string, fd: number])[] {
    return Array.from(this.#sockets, ([key, { fd }]) => [key, fd] as const);
  }

  /** Closes all sockets. */
  [Symbol.dispose](): void {
    for (const [key, socket] of this.#sockets) this.#drop(key, socket);
  }

  #drop(key: string, socket: HeldSocket): void {
    this.#sockets.delete(key);
    // Removes the file of a Unix socket as well.
    socket.close();
  }
}

// As the server looks it up: src/server/listening/held-sockets.ts.
function keyOf({ host, port }: Place): string {
  return isSocket(host) ? host : `${host} ${port}`;
}

async function bind({ host, port }: Place): Promise<HeldSocket | undefined> {
  const { _createServerHandle: bindSocket } = net() as { readonly _createServerHandle?: Bind };
  if (process.platform === "win32" || bindSocket === undefined) return undefined;
  if (!isSocket(host)) {
    const address = await addressOf(host);
    return address === undefined ? undefined : check(bindSocket(address, port, isIP(address)));
  }
  const path = host.slice("unix:".length);
  await removeStaleSocket(path);
  return check(bindSocket(path, -1, -1));
}

async function addressOf(host: string): Promise<string | undefined> {
  if (isIP(host) !== 0) return host;
  try {
    return (await waitPromise(lookup(host), { name: `the address of ${host}` })).address;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

function check(bound: Bound): HeldSocket | undefined {
  if (typeof bound === "number") return undefined;
  const address: { port?: number } = {};
  // A port that is in use is reported here, not when it is bound.
  const isFree = (bound.getsockname?.(address) ?? 0) === 0;
  if (isFree && bound.fd >= 0) return { fd: bound.fd, port: address.port ?? 0, close: () => bound.close() };
  bound.close();
  return undefined;
}

// A killed server leaves the file of its socket behind.
async function removeStaleSocket(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const probe = connect({ path });
  try {
    const isStale = await park<boolean>({ kind: "socket", name: path }, (wait) => {
      probe.on("connect", () => wait.wake(false));
      probe.on("error", (error) => wait.wake(codeOf(error) === "ECONNREFUSED"));
    });
    if (isStale) rmSync(path, { force: true });
  } finally {
    probe.destroy();
  }
}
