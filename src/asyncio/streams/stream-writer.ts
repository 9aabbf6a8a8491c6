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
  /** The IP address; for a server's Unix socket, its path. */
  readonly host: string;
  /** The port; 0 for a Unix socket. */
  readonly port: number;
}

/** Current state of a {@link StreamWriter}, for monitoring. */
export interface StreamWriterStatistics {
  /** How many bytes were written but not yet handed to the system. */
  readonly buffered: number;
  /** How many tasks wait in `drain()`. */
  readonly draining: number;
  /** Whether the writer is closing or closed. */
  readonly closing: boolean;
}

/**
 * The writing end of a byte stream. Written bytes go into a buffer; `drain()` waits while the buffer is full.
 *
 * The code that opened the stream closes it: with `await using`, or with `close()` and `waitClosed()`.
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

  /** @internal Use {@link openConnection}, {@link startServer}, or a process's `stdin`. */
  constructor(stream: Writable, name?: string, upgrade?: Upgrade) {
    this.name = name;
    this.#upgrade = upgrade;
    this.#stream = stream;
    this.#detach = this.#attach(stream);
    if (stream instanceof Socket && stream.connecting) stream.once("connect", () => this.#remember(stream));
    else if (stream instanceof Socket) this.#remember(stream);
  }

  /** The underlying Node stream, for what this class does not offer: keep-alive, a TLS session. */
  get stream(): Writable {
    return this.#stream;
  }

  /** The other end of the connection, even after it is closed; `undefined` for a pipe or a Unix socket. */
  get peer(): Endpoint | undefined {
    return this.#peer;
  }

  /** This end of the connection, even after it is closed; `undefined` for a pipe or a Unix socket. */
  get local(): Endpoint | undefined {
    return this.#local;
  }

  /** Whether the connection is encrypted. */
  get encrypted(): boolean {
    return this.#stream instanceof TLSSocket;
  }

  /**
   * Writes bytes, or text as UTF-8. Does not wait: call `drain()` before you write more, or the buffer grows. Once the
   * connection is lost, written data is dropped and `drain()` fails.
   *
   * @throws {InvalidStateError} If the writer was closed, or `writeEof()` was called.
   */
  write(data: string | Uint8Array): void {
    if (this.#closing) throw new InvalidStateError("Cannot write as the writer is closed");
    if (this.#eof) throw new InvalidStateError("Cannot write as the end was written");
    if (!this.#isLost) this.#stream.write(data);
  }

  /** Writes several pieces of data; adds no line ends. */
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

  /** Whether `writeEof()` is possible: not if the connection is encrypted. */
  canWriteEof(): boolean {
    return !this.encrypted;
  }

  /**
   * Tells the peer that no more data will be written. Reading is still possible.
   *
   * @throws {InvalidStateError} If the connection is encrypted.
   */
  writeEof(): void {
    if (!this.canWriteEof())
      throw new InvalidStateError("Cannot write the end as the connection is encrypted: close it");
    if (this.#eof || this.#closing) return;
    this.#eof = true;
    this.#stream.end();
  }

  /** Closes the stream when all written data has been sent. Does not wait for that: see `waitClosed()`. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#stream instanceof Socket) this.#stream.destroySoon();
    else this.#stream.end();
  }

  /** Closes the stream at once; data that was not sent yet is lost. */
  abort(): void {
    this.#closing = true;
    this.#stream.destroy();
  }

  /** Whether the stream is closed or closing. */
  isClosing(): boolean {
    return this.#closing || this.#isLost;
  }

  /**
   * Waits until the stream is closed.
   *
   * @throws {ConnectionResetError} If an error closed it.
   */
  async waitClosed(): Promise<void> {
    await this.#untilClosed();
    if (this.#error !== undefined) throw this.#lost("close the stream in order");
  }

  /**
   * Starts to encrypt the connection, as after `STARTTLS`. The reader and this writer stay usable.
   *
   * @throws {InvalidStateError} If the connection is already encrypted, is not a socket, or has received clear-text
   * bytes that were not read yet. Treating those as encrypted would let an attacker on the network inject data in the
   * peer's name.
   * @throws {Error} If the TLS handshake fails; the connection is then closed.
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

  /** Current state, for monitoring. */
  statistics(): StreamWriterStatistics {
    return { buffered: this.#stream.writableLength, draining: this.#drains.size, closing: this.isClosing() };
  }

  /**
   * Closes the stream and waits until it is closed; a lost connection counts as closed. If the calling task is being
   * cancelled, the stream is closed at once, because the peer may never accept the data that is still in the buffer.
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

  // A Node socket loses its addresses when it closes.
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
