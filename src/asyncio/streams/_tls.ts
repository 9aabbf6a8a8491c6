import type { Socket } from "node:net";
import { connect, type SecureContextOptions, TLSSocket } from "node:tls";
import { outside, type Resource } from "../core/index.ts";
import { once } from "./_once.ts";

/** Options of `startTls()`: the certificates and keys that `node:tls` takes, and those below. */
export interface StartTlsOptions extends SecureContextOptions {
  /** The name that the server's certificate must have. @default the host of `openConnection` */
  readonly servername?: string;
  /** Whether to refuse a peer without a trusted certificate. @default true */
  readonly rejectUnauthorized?: boolean;
  /** Whether the server asks the client for a certificate. @default false */
  readonly requestCert?: boolean;
  /** The protocols to offer, in order of preference. */
  readonly ALPNProtocols?: string[];
}

/** @internal What `startTls` must know about a connection. Only a socket has it. */
export interface Upgrade {
  /** Whether this is the server side of the connection. */
  readonly isServer: boolean;
  /** The name that the peer's certificate must have. */
  readonly host: string | undefined;
  /** Stops reading from the plain socket, and reads from `socket` from then on. */
  switchTo(socket: Socket): void;
  /** How many bytes have arrived and are not read yet. */
  unread(): number;
}

/** @internal A socket whose handshake has begun. */
export interface SecureSocket {
  readonly socket: TLSSocket;
  /** Waits until the handshake is over. */
  ready(): Promise<void>;
}

const handshake: Resource = { kind: "TLS handshake" };

/** @internal Starts the TLS handshake on a connection. */
export function startTls(plain: Socket, upgrade: Upgrade, options: StartTlsOptions): SecureSocket {
  const socket = outside(() => (upgrade.isServer ? serve(plain, options) : join(plain, upgrade, options)));
  return { socket, ready: () => once(socket, upgrade.isServer ? "secure" : "secureConnect", handshake) };
}

function serve(plain: Socket, options: StartTlsOptions): TLSSocket {
  return new TLSSocket(plain, { ...options, isServer: true });
}

function join(plain: Socket, { host }: Upgrade, options: StartTlsOptions): TLSSocket {
  return connect({ ...(host === undefined ? {} : { host }), ...options, socket: plain });
}
