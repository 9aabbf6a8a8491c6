import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { TLSSocket } from "node:tls";
import {
  maybeYield,
  countRequests,
  currentScope,
  InvalidStateError,
  type Resource,
  throwPending,
  WaitQueue,
  uncancellable,
} from "../core/index.ts";
import { startTls, type StartTlsOptions, type Upgrade } from "./_tls.ts";
import { ConnectionResetError } from "./errors.ts";

/** One end of a connection. */
export interface Endpoint {
  /** Its IP address; of a server's unix socket, its path. */
  readonly host: string;
  /** Its port; of a unix socket, 0. */
  readonly port: number;
}

/** What a {@link StreamWriter} knows of itself. */
export interface StreamWriterStatistics {
  /** How many bytes were written and not yet handed to the system. */
  readonly buffered: number;
  /** How many tasks wait in `drain()`. */
  readonly draining: number;
  /** Whether it is closing or closed. */
  readonly closing: boolean;
}

/**
 * The writing end of a stream of bytes. What is written goes into a buffer; `drain()` waits while the buffer is full.
 *
 * Whoever got it closes it: by `await using`, or by `close()` and `waitClosed()`.
 *
 * @example
 * await using server = await startServer(async (reader, writer) => {
 *   writer.write(await reader.readLine());
 *   await writer.drain();
 * }, 0);
 * const [reader, writer] = await openConnection(server.port);
 * await using _ = writer;
 * writer.write("hello\n");
 * console.log((await reader.readLine()).toString()); // hello
 * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamWriter
 */
export class StreamWriter implements Resource, AsyncDisposable {
  readonly kind = "stream";
  readonly name: string | undefined;
  readonly #drains = new WaitQueue();
  readonly #closes = new WaitQueue();
  readonly #upgrade: Upgrade | undefined;
  #stream: Writable;
  #detach: () => void;
  #peer: Endpoint | undefined;
  #local: Endpoint | undefined;
  #error: Error | undefined;
  #closing = false;
  #eof = false;
  #closed = false;

  /** @internal Use {@link openConnection}, {@link startServer}, or a process' `stdin`. */
  constructor(stream: Writable, name?: string, upgrade?: Upgrade) {
    this.name = name;
    this.#upgrade = upgrade;
    this.#stream = stream;
    this.#detach = this.#attach(stream);
    if (stream instanceof Socket && stream.connecting) stream.once("connect", () => this.#remember(stream));
    else if (stream instanceof Socket) this.#remember(stream);
  }

  /** The platform's stream beneath, for what is not offered here: keep-alive, a TLS session. */
  get stream(): Writable {
    return this.#stream;
  }

  /** The other end of the connection, also when it is closed; `undefined` of a pipe or a unix socket. */
  get peer(): Endpoint | undefined {
    return this.#peer;
  }

  /** This end of the connection, also when it is closed; `undefined` of a pipe or a unix socket. */
  get local(): Endpoint | undefined {
    return this.#local;
  }

  /** Whether the connection is encrypted. */
  get encrypted(): boolean {
    return this.#stream instanceof TLSSocket;
  }

  /**
   * Writes bytes, or text as UTF-8. It does not wait: call `drain()` before you write more, or the buffer grows. Once the
   * connection is lost, what is written goes nowhere, and `drain()` fails.
   *
   * @throws {InvalidStateError} If the writer was closed, or its end was written.
   */
  write(data: string | Uint8Array): void {
    if (this.#closing) throw new InvalidStateError("Cannot write as the writer is closed");
    if (this.#eof) throw new InvalidStateError("Cannot write as the end was written");
    if (!this.#isLost) this.#stream.write(data);
  }

  /** Writes several pieces; no line ends are added. */
  writeLines(lines: Iterable<string | Uint8Array>): void {
    for (const line of lines) this.write(line);
  }

  /**
   * Waits until the buffer has room. Any number of tasks can wait at once.
   *
   * @throws {ConnectionResetError} If the connection is lost.
   */
  async drain(): Promise<void> {
    throwPending(currentScope());
    const pause = maybeYield();
    if (pause !== undefined) await pause;
    if (this.#isLost) throw this.#lost("write to the stream");
    if (!this.#stream.writableNeedDrain) return;
    await this.#drains.wait(this);
    if (this.#isLost) throw this.#lost("write to the stream");
  }

  /** Whether the other direction stays open after `writeEof()`: not if the connection is encrypted. */
  canWriteEof(): boolean {
    return !this.encrypted;
  }

  /**
   * Tells the peer that nothing more will be written. Reading goes on.
   *
   * @throws {InvalidStateError} If the connection is encrypted, where that is not possible.
   */
  writeEof(): void {
    if (!this.canWriteEof())
      throw new InvalidStateError("Cannot write the end as the connection is encrypted: close it");
    if (this.#eof || this.#closing) return;
    this.#eof = true;
    this.#stream.end();
  }

  /** Closes the stream when all that was written has gone out. It does not wait: see `waitClosed()`. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#stream instanceof Socket) this.#stream.destroySoon();
    else this.#stream.end();
  }

  /** Closes the stream at once; what has not gone out is lost. */
  abort(): void {
    this.#closing = true;
    this.#stream.destroy();
  }

  /** Whether it is closed, or about to be. */
  isClosing(): boolean {
    return this.#closing || this.#isLost;
  }

  /**
   * Waits until the stream is closed.
   *
   * @throws {ConnectionResetError} If that was due to an error.
   */
  async waitClosed(): Promise<void> {
    await this.#untilClosed();
    if (this.#error !== undefined) throw this.#lost("close the stream in order");
  }

  /**
   * Makes the connection an encrypted one, as after `STARTTLS`. The reader and this writer stay as they are.
   *
   * @throws {InvalidStateError} If it is encrypted, or no socket, or if bytes that came in clear text were not read: to
   * take them for encrypted ones would let anybody on the way put words into the peer's mouth.
   * @throws {Error} If the handshake fails; the connection is then closed.
   */
  async startTls(options: StartTlsOptions = {}): Promise<void> {
    await this.drain();
    const [plain, upgrade] = this.#requireUpgradable();
    const secure = startTls(plain, upgrade, options);
    this.#detach();
    this.#stream = secure.socket;
    this.#detach = this.#attach(secure.socket);
    upgrade.switchTo(secure.socket);
    try {
      await secure.ready();
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  #requireUpgradable(): [Socket, Upgrade] {
    const plain = this.#stream;
    const upgrade = this.#upgrade;
    if (upgrade === undefined || !(plain instanceof Socket))
      throw new InvalidStateError("Cannot start TLS as this is not a socket");
    if (this.encrypted) throw new InvalidStateError("Cannot start TLS as the connection is encrypted");
    if (this.isClosing()) throw new InvalidStateError("Cannot start TLS as the writer is closed");
    if (upgrade.unread() > 0)
      throw new InvalidStateError(`Cannot start TLS as bytes came in clear text: current value is ${upgrade.unread()}`);
    return [plain, upgrade];
  }

  /** What it knows of itself. */
  statistics(): StreamWriterStatistics {
    return { buffered: this.#stream.writableLength, draining: this.#drains.size, closing: this.isClosing() };
  }

  /**
   * Closes the stream and waits for that; a connection that was lost counts as closed. Where the task that does this is
   * being cancelled, the stream is closed at once, since the peer may never take what was written.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (countRequests(currentScope()) > 0) this.abort();
    this.close();
    try {
      await this.#untilClosed();
    } catch (error) {
      this.abort();
      await uncancellable(() => this.#untilClosed());
      throw error;
    }
  }

  async #untilClosed(): Promise<void> {
    throwPending(currentScope());
    while (!this.#closed) await this.#closes.wait(this);
  }

  get #isLost(): boolean {
    return this.#error !== undefined || this.#closed || this.#stream.destroyed;
  }

  #lost(action: string): Error {
    return new ConnectionResetError(action, this.#error);
  }

  #attach(stream: Writable): () => void {
    const onDrain = (): void => this.#drains.serveAll();
    const onError = (error: Error): void => this.#lose(error);
    const onClose = (): void => this.#end();
    stream.on("drain", onDrain).on("error", onError).on("close", onClose);
    return () => stream.off("drain", onDrain).off("error", onError).off("close", onClose);
  }

  // A socket forgets its addresses when it closes.
  #remember(socket: Socket): void {
    this.#peer = endpoint(socket.remoteAddress, socket.remotePort);
    this.#local = endpoint(socket.localAddress, socket.localPort);
  }

  #lose(error: Error): void {
    this.#error ??= error;
    this.#drains.serveAll();
  }

  #end(): void {
    this.#closed = true;
    this.#drains.serveAll();
    this.#closes.serveAll();
  }
}

function endpoint(host: string | undefined, port: number | undefined): Endpoint | undefined {
  return host === undefined ? undefined : { host, port: port ?? 0 };
}
