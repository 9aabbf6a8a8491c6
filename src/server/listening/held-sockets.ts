// A process that is replaced can leave its sockets to the next one: its parent holds them, so that clients wait in the queue
// of the system while no process accepts, and are not refused. A child inherits them as file descriptors.

import { ambient } from "../../asyncio/index.ts";
import type { Bind } from "./bind.ts";

const held = ambient("server.heldSockets", () => new Map<string, number>());

/** @internal Takes the descriptor of the socket that the parent of this process holds for a place, if it holds one. */
export function takeHeldSocket({ host, port }: Bind): number | undefined {
  // A path has no port.
  const key = host.startsWith("unix:") ? host : `${host} ${port}`;
  const fd = held.get(key);
  // It can be listened on once. A second server for the same place is told that the place is in use.
  held.delete(key);
  return fd;
}
