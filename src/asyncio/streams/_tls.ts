import type { Socket } from "node:net";
import { connect, type SecureContextOptions, TLSSocket } from "node:tls";
import { outside, type Resource } from "../core/index.ts";
import { once } from "./_once.ts";

/** How a connection is encrypted by `startTls()`: certificates and keys as `node:tls` takes them, and these. */
export interface StartTlsOptions extends SecureContextOptions {
  /** The name that the server's certificate must have. @default the host that was connected to */
  readonly servername?: string;
  /** Whether a peer without a trusted certificate is refused. @default true */
  readonly rejectUnauthorized?: boolean;
  /** Whether a server asks its client for a certificate. @default false */
  readonly requestCert?: boolean;
  /** The protocols that are offered, the best first. */
  readonly ALPNProtocols?: string[];
}

/** @internal How a connection is turned into an encrypted one; only sockets can be. */
export interface Upgrade {
  /** Whether this is the server's side. */
  readonly isServer: boolean;
  /** The name that the peer's certificate must have. */
  readonly host: string | undefined;
  /** Stops reading from the plain socket, and reads from `socket` from then on. */
  switchTo(socket: Socket): void;
  /** How many bytes have come and were not read. */
  unread(): number;
}

/** @internal A socket whose handshake has begun. */
export interface SecureSocket {
  readonly socket: TLSSocket;
  /** Waits until the handshake is over. */
  ready(): Promise<void>;
}

const handshake: Resource = { kind: "TLS handshake" };

/** @internal Begins to encrypt a connection. */
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
