import type { Socket } from "node:net";
import type { Peer } from "../http/index.ts";

/** The other end of a socket; `undefined` for a Unix socket, and for one that is closed, which no longer knows it. */
export function peerOf({ remoteAddress: address, remotePort: port }: Socket): Peer | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}
