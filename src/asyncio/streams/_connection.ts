import type { Socket } from "node:net";
import { feed } from "./_feed.ts";
import { StreamReader } from "./stream-reader.ts";
import { StreamWriter } from "./stream-writer.ts";

/** @internal What the reader and writer of a socket must know about it. */
export interface SocketFacts {
  /** The connection's name, as shown by inspectors. */
  readonly name: string;
  /** The limit of the reader. */
  readonly limit: number | undefined;
  /** The host that this program connected to. */
  readonly host: string | undefined;
  /** Whether this is the server side of the connection. */
  readonly isServer: boolean;
}

/** @internal Makes the reader and the writer of a socket. */
export function wrapSocket(socket: Socket, facts: SocketFacts): [reader: StreamReader, writer: StreamWriter] {
  const { name, limit, host, isServer } = facts;
  const reader = new StreamReader({ name, ...(limit === undefined ? {} : { limit }) });
  let stop = feed(socket, reader);
  const writer = new StreamWriter(socket, name, {
    host,
    isServer,
    unread: () => reader.statistics().buffered,
    switchTo: (secure) => {
      stop();
      stop = feed(secure, reader);
    },
  });
  return [reader, writer];
}
