/**
 * The package `ws`, which reads and writes the frames of WebSockets.
 *
 * Its server, `WebSocketServer.handleUpgrade`, is made for the upgrade of `node:http`: it writes the answer itself, so that
 * an application cannot add headers to it or answer later, and it writes that of HTTP/1.1, so that it cannot serve a stream
 * of HTTP/2. What it does then is public as a whole, though documented in parts: a `WebSocket` made with the address `null` is
 * a server's end, and `setSocket` gives it a connection, which may be any `Duplex`. That is the way by which `ws` is used over
 * HTTP/2 as well (https://github.com/websockets/ws/issues/1458). The types below are those that `@types/ws` leaves out.
 */

import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import type WebSocket from "ws";

/** How the frames of a connection are read. */
export interface FrameOptions {
  /** The largest message, in bytes; 0 for no limit. */
  readonly maxPayload: number;
  /** How many milliseconds the peer has to answer a Close. */
  readonly closeTimeout: number;
}

interface UsualOptions {
  readonly allowSynchronousEvents: boolean;
  readonly autoPong: boolean;
  readonly maxBufferedChunks: number;
  readonly maxFragments: number;
  readonly maxPendingAutoPongs: number;
  readonly skipUTF8Validation: boolean;
}

/** What `ws` takes besides; these are the values of its own server. */
const usual: UsualOptions = {
  allowSynchronousEvents: true,
  autoPong: true,
  maxBufferedChunks: 256 * 1024,
  maxFragments: 16 * 1024,
  maxPendingAutoPongs: 60,
  skipUTF8Validation: false,
};

/** A compression of messages, as `ws` has it. */
export interface PerMessageDeflate {
  readonly params: Readonly<Record<string, unknown>>;
  accept(offers: readonly unknown[]): unknown;
}

/** The exports of `ws` that are used here. */
interface Ws {
  readonly WebSocket: new (
    address: null,
    protocols: undefined,
    options: UsualOptions & { readonly closeTimeout: number },
  ) => ServerEnd;
  readonly PerMessageDeflate: { readonly extensionName: string } & (new (options: DeflateOptions) => PerMessageDeflate);
  readonly extension: {
    parse(header: string): Record<string, unknown[] | undefined>;
    format(extensions: Readonly<Record<string, readonly unknown[]>>): string;
  };
  readonly subprotocol: { parse(header: string): Set<string> };
}

interface DeflateOptions {
  readonly isServer: true;
  readonly maxPayload: number;
  readonly threshold: number;
}

interface ServerEnd extends WebSocket {
  /** The stream that reads the frames. It emits "conclude" with the Close of the peer. */
  readonly _receiver: EventEmitter;
  setSocket(socket: Duplex, head: Buffer, options: UsualOptions & { readonly maxPayload: number }): void;
}

const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);

/** The package, loaded when the first WebSocket is asked for. */
export function ws(): Ws {
  return require("ws") as Ws;
}

/** A compression that was agreed on, and the header that says so. */
export interface Agreement {
  readonly deflate: PerMessageDeflate;
  readonly header: string;
}

/** Messages smaller than this, in bytes, are not compressed. */
const threshold = 1024;

/**
 * Agrees on the compression that a client offers; `undefined` if it offers none.
 *
 * @throws {Error} If the offer is malformed, or asks for what cannot be done.
 */
export function agreeOnDeflate(offers: string, maxPayload: number): Agreement | undefined {
  const { PerMessageDeflate: Deflate, extension } = ws();
  const offer = extension.parse(offers)[Deflate.extensionName];
  if (offer === undefined) return undefined;
  const deflate = new Deflate({ isServer: true, maxPayload, threshold });
  deflate.accept(offer);
  return { deflate, header: extension.format({ [Deflate.extensionName]: [deflate.params] }) };
}

/** What a {@link takeOver | connection} tells. */
export interface FrameHooks {
  readonly onMessage: (message: string | Uint8Array) => void;
  /** Called when the Close of the peer has arrived, which is answered already. 1005 if it has no code. */
  readonly onClose: (code: number, reason: string) => void;
  /** Called when the peer has done something wrong, which a Close has answered. */
  readonly onFault: (error: Error) => void;
  /** Called when nothing more will arrive, perhaps twice: the peer has ended its half, or the connection has ended. */
  readonly onEnd: () => void;
}

/**
 * Gives a connection, and what was read from it already, to the server's end of a WebSocket.
 *
 * Its "close" comes when the connection has ended, for which a client may take its time, or which what waits to be sent may
 * keep from ending. That a Close has arrived, or that the peer has ended its half, is told by its receiver alone.
 */
export function takeOver(
  socket: Duplex,
  firstBytes: Buffer,
  { maxPayload, closeTimeout }: FrameOptions,
  deflate: PerMessageDeflate | undefined,
  hooks: FrameHooks,
): WebSocket {
  const { WebSocket: Constructor, PerMessageDeflate: Deflate } = ws();
  const end = new Constructor(null, undefined, { ...usual, closeTimeout });
  if (deflate !== undefined) Object.assign(end, { _extensions: { [Deflate.extensionName]: deflate } });
  end.on("message", (data: Buffer, isBinary) => hooks.onMessage(isBinary ? data : data.toString()));
  end.on("error", hooks.onFault);
  end.on("close", hooks.onEnd);
  end.setSocket(socket, firstBytes, { ...usual, maxPayload });
  const { _receiver: receiver } = end;
  receiver.on("conclude", (code: number, reason: Buffer) => hooks.onClose(code, reason.toString()));
  receiver.on("finish", hooks.onEnd);
  return end;
}
