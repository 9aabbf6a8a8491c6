import type { Socket } from "node:net";

/**
 * Whether the client of a TCP connection reset it before it was accepted. Nothing can be sent to it. What it sent can still
 * be read, but its address is no longer known: it would be taken for a client on a Unix socket, which may be trusted.
 */
export function hasVanished(socket: Socket): boolean {
  return socket.remoteAddress === undefined && socket.localAddress !== undefined;
}
