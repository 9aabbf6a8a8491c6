// What a server tells subscribers of `node:diagnostics_channel`, besides what `serveExchange` tells of each request.

import { channel } from "node:diagnostics_channel";
import type { AccessEntry, Peer } from "../../http/index.ts";

/** What `pottle:connection:open` and `pottle:connection:close` of `node:diagnostics_channel` tell. */
export interface ConnectionMessage {
  /** Stands for the connection: the same object when it is opened and when it is closed. */
  readonly connection: object;
  /** The other end; `undefined` if it has no address, as over a unix socket. */
  readonly peer: Peer | undefined;
}

/** What `pottle:request:refused` of `node:diagnostics_channel` tells: the server answered in place of the application. */
export interface RequestRefusedMessage {
  readonly entry: AccessEntry;
}

/** A connection, as far as subscribers are told of it. */
export interface Connected {
  readonly peer: Peer | undefined;
}

const connectionOpen = channel("pottle:connection:open");
const connectionClose = channel("pottle:connection:close");
const requestRefused = channel("pottle:request:refused");

/** Tells that a server has accepted a connection. */
export function tellOpened(connection: Connected): void {
  if (connectionOpen.hasSubscribers) connectionOpen.publish(toMessage(connection));
}

/** Tells that a connection is closed. */
export function tellClosed(connection: Connected): void {
  if (connectionClose.hasSubscribers) connectionClose.publish(toMessage(connection));
}

/** Tells that a server has answered in place of its application. */
export function tellRefused(entry: AccessEntry): void {
  if (requestRefused.hasSubscribers) requestRefused.publish({ entry } satisfies RequestRefusedMessage);
}

function toMessage(connection: Connected): ConnectionMessage {
  return { connection, peer: connection.peer };
}
