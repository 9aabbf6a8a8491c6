import type { Socket } from "node:net";
import { feed } from "./_feed.ts";
import { StreamReader } from "./stream-reader.ts";
import { StreamWriter } from "./stream-writer.ts";

/** @internal What is known of a socket. */
export interface SocketFacts {
  /** Its name, as shown by inspectors. */
  readonly name: string;
  /** The limit of its reader. */
  readonly limit: number | undefined;
  /** The host that was connected to. */
  readonly host: string | undefined;
  /** Whether this is the server's side. */
  readonly isServer: boolean;
}

/** @internal The reader and the writer of a socket. */
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
