// A request to cancel a query is sent to PostgreSQL over a separate connection. The server closes that connection when
// it has passed the request on to the process that runs the query. It sends no answer.

import { connect as connectPlainly, isIP, type NetConnectOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectSecurely } from "node:tls";
import type { PgClient } from "./driver.ts";

/** @internal The data that is needed to cancel the query of a connection. */
export interface CancelTarget {
  /** The address of the very server that runs the query, because a host name may stand for several servers. */
  readonly address: NetConnectOpts;
  /** The name to check the server's certificate against. */
  readonly host: string;
  /** The TLS settings, if the connection is encrypted. */
  readonly tls: ConnectionOptions | undefined;
  /** Whether the TLS handshake begins at once, without a request for encryption. */
  readonly isDirect: boolean;
  /** The ID of the server process for the connection. */
  readonly processId: number;
  /** The key that proves that the request comes from the client of the connection. */
  readonly secretKey: number;
}

/** @internal The data that is needed to cancel a query of `client`, which must be connected. */
export function cancelTargetOf(client: PgClient): CancelTarget {
  const { stream } = client.connection;
  const path = `${client.host}/.s.PGSQL.${client.port}`;
  const tls = client.ssl === true ? {} : client.ssl;
  return {
    address: client.host.startsWith("/")
      ? { path }
      : { host: stream.remoteAddress ?? client.host, port: stream.remotePort ?? client.port },
    host: client.host,
    tls: tls === false ? undefined : tls,
    isDirect: client.sslNegotiation === "direct",
    processId: client.processID ?? 0,
    secretKey: client.secretKey ?? 0,
  };
}

/**
 * @internal Asks the server to cancel the target's query. Must be called outside any scope.
 *
 * @param ms - The time limit, in milliseconds.
 * @returns A promise that is fulfilled when the request has been passed on. After that, the request cannot affect a
 * later query.
 * @throws {Error} If it is unknown whether the request was passed on.
 */
export function requestCancel(target: CancelTarget, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const plain = connectPlainly(target.address);
    const timer = setTimeout(() => plain.destroy(new Error(`The server did not take it within ${ms} ms`)), ms);
    let failure: Error | undefined;
    const fail = (error: Error): void => void (failure ??= error);
    let isSent = false;
    plain.once("error", fail).once("close", () => {
      clearTimeout(timer);
      if (isSent && failure === undefined) resolve();
      else reject(failure ?? new Error("The server closed the connection before it took it"));
    });
    const send = (socket: Socket): void => {
      socket.resume().write(cancelMessage(target), () => void (isSent = true));
    };
    plain.once("connect", () => {
      if (target.tls === undefined) send(plain);
      else encrypt(plain, target, send, fail);
    });
  });
}

function encrypt(
  plain: Socket,
  target: CancelTarget,
  send: (socket: Socket) => void,
  fail: (error: Error) => void,
): void {
  const { host, tls, isDirect } = target;
  const begin = (): void => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const protocol = isDirect ? { ALPNProtocols: ["postgresql"] } : {};
    const socket = connectSecurely({ socket: plain, host, ...tls, ...name, ...protocol });
    socket
      .once("secureConnect", () => send(socket))
      .on("error", (error) => {
        fail(error);
        plain.destroy();
      });
  };
  if (isDirect) return begin();
  plain.write(tlsRequest);
  plain.once("data", (answer) => {
    if (answer.toString("latin1") === "S") begin();
    else plain.destroy(new Error("The server did not agree to encrypt"));
  });
}

const tlsRequest = message(80_877_103);

function cancelMessage({ processId, secretKey }: CancelTarget): Buffer {
  return message(80_877_102, processId, secretKey);
}

function message(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * numbers.length);
  bytes.writeInt32BE(bytes.length);
  numbers.forEach((number, i) => bytes.writeInt32BE(number, 4 + 4 * i));
  return bytes;
}
