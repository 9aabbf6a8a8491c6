import { Duplex } from "node:stream";
import { Event } from "../asyncio/index.ts";
import { BytePipe, type Exchange } from "../http/index.ts";
import { parseHead, type ResponseStart } from "./parse-head.ts";

/** How many bytes of a response wait between Node's code and the client before the code must wait. */
const bufferSize = 65_536;

type Written = (error?: Error | null) => void;

/**
 * Stands in the place of a socket: takes the bytes that Node's `ServerResponse` writes, and gives them as a head and the
 * pieces of a body. Node's own code thus decides what a response is and when its events come.
 */
export class ResponseSocket extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly remoteFamily: string | undefined;
  /** Whether the client speaks TLS: Express asks for it. */
  readonly encrypted: boolean;
  readonly #body: BytePipe;
  readonly #begun = new Event({ name: "head of the response" });
  /** Set when the body is whole, or as long as may wait here. */
  readonly #gathered = new Event({ name: "body of the response" });
  #early: Buffer | undefined;
  #start: ResponseStart | undefined;
  #failure: Error | undefined;
  #written: Written | undefined;

  constructor({ peer, scheme }: Exchange) {
    super({ allowHalfOpen: true });
    this.remoteAddress = peer?.address;
    this.remotePort = peer?.port;
    this.remoteFamily = peer && (peer.address.includes(":") ? "IPv6" : "IPv4");
    this.encrypted = scheme === "https";
    this.#body = new BytePipe({ name: "response of Node's code", bound: bufferSize, onRoom: () => this.#taken() });
  }

  /** Waits for the head. @throws What it was destroyed with, or `fail` was called with. */
  async head(): Promise<ResponseStart> {
    await this.#begun.wait();
    if (this.#start !== undefined) return this.#start;
    throw this.#failure!;
  }

  /** Waits until the body is whole; returns it, or nothing if it is longer than what may wait here. */
  async whole(): Promise<Uint8Array | undefined> {
    await this.#gathered.wait();
    if (!this.#body.isEnded || this.#body.isFull) return undefined;
    const pieces: Uint8Array[] = [];
    for (let piece = await this.#body.read(); piece !== undefined; piece = await this.#body.read()) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** The pieces of the body. */
  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let piece = await this.#body.read(); piece !== undefined; piece = await this.#body.read()) yield piece;
  }

  /** Says that the response is whole. */
  endBody(): void {
    this.#body.end();
    this.#gathered.set();
  }

  /** Drops what is written from now on: no client takes it. */
  discard(): void {
    this.#body.discard();
  }

  /** Breaks the response off: who waits for a part of it gets `error`. */
  fail(error: Error): void {
    this.#fail(error);
    this.destroy();
  }

  // What sockets have, and streams have not. There is no connection here whose settings could be changed.

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  override _read(): void {
    // Nothing comes from here: the body of the request is read from the exchange.
  }

  override _write(chunk: Buffer, _encoding: string, written: Written): void {
    const rest = this.#start === undefined ? this.#readHead(chunk) : chunk;
    if (rest === undefined || this.#body.push(Uint8Array.from(rest))) return written();
    this.#written = written;
    this.#gathered.set();
  }

  override _destroy(error: Error | null, done: Written): void {
    this.#fail(error ?? new Error("Cannot answer the request as Node's code has destroyed its response"));
    done(null);
  }

  #readHead(chunk: Buffer): Buffer | undefined {
    const bytes = this.#early === undefined ? chunk : Buffer.concat([this.#early, chunk]);
    const end = bytes.indexOf("\r\n\r\n");
    this.#early = end < 0 ? bytes : undefined;
    if (end < 0) return undefined;
    this.#start = parseHead(bytes.toString("latin1", 0, end));
    this.#begun.set();
    return bytes.subarray(end + 4);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    if (!this.#body.isEnded) this.#body.fail(error);
    this.#begun.set();
    this.#gathered.set();
  }

  #taken(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }
}
