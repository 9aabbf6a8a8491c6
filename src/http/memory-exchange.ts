import { InvalidStateError, park, type Park } from "../asyncio/index.ts";
import type { Peer, RawHeaders } from "./application.ts";
import { BytePipe } from "./byte-pipe.ts";
import { ClientDisconnected, type Disconnect, ResponseAborted } from "./errors.ts";
import type { ResponsePlan } from "./response-plan.ts";
import { toBytes } from "./send-stream.ts";
import { ServerExchange } from "./server-exchange.ts";

/** The head of a request. */
export interface MemoryRequestHead {
  /** @default "GET" */
  readonly method?: string;
  /** The request target, encoded: `/a%20b?x=1`. */
  readonly target: string;
  /** @default [] */
  readonly rawHeaders?: RawHeaders;
  /** @default { address: "127.0.0.1", port: 0 } */
  readonly peer?: Peer;
  /** @default "http" */
  readonly scheme?: "http" | "https";
  /** @default "1.1" */
  readonly httpVersion?: string;
  /** The part of the path, decoded, that dispatchers and proxies in front have taken off. @default "" */
  readonly basePath?: string;
  /**
   * How many bytes wait between the two sides, each way, before the writer must wait.
   * @default 65_536
   */
  readonly bufferSize?: number;
}

/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: RawHeaders;
}

/**
 * An exchange without sockets: the one end is a {@link ServerExchange}, to be given to an application; the other end
 * is the client. It keeps the rules of a real connection, backpressure and the client's leaving included.
 *
 * @example
 * const exchange = new MemoryExchange({ target: "/" });
 * exchange.upload.end();
 * await serveExchange({ handle: (it) => it.respond(200, [], "Hello") }, exchange);
 * console.log((await exchange.head()).status); // 200
 */
export class MemoryExchange extends ServerExchange {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  readonly scheme: "http" | "https";
  readonly httpVersion: string;
  readonly peer: Peer;
  readonly basePath?: string;
  /** The request's body, for the client to fill. */
  readonly upload: BytePipe;
  /** The response's body, for the client to read. */
  readonly download: BytePipe;
  /** The trailers of the response, once it was sent. */
  responseTrailers: RawHeaders = [];
  /** The informational responses that were sent. */
  readonly informational: ResponseHead[] = [];
  #head: ResponseHead | undefined;
  #headReader: Park<void> | undefined;

  constructor(head: MemoryRequestHead) {
    super();
    const { method = "GET", target, rawHeaders = [], peer = defaultPeer, bufferSize = 65_536 } = head;
    this.method = method;
    this.target = target;
    this.rawHeaders = rawHeaders;
    this.scheme = head.scheme ?? "http";
    this.httpVersion = head.httpVersion ?? "1.1";
    this.peer = peer;
    if (head.basePath !== undefined) this.basePath = head.basePath;
    this.upload = new BytePipe({ name: "request body", bound: bufferSize });
    this.download = new BytePipe({ name: "response body", bound: bufferSize, onRoom: () => this.#taken() });
  }

  read(): Promise<Uint8Array | undefined> {
    return this.upload.read();
  }

  /**
   * Ends the connection: the client leaves, unless `reason` says otherwise. If it has its whole response, or the server
   * broke that off, nothing hears of it.
   *
   * @default a ClientDisconnected (reason)
   */
  override disconnect(reason: Disconnect = new ClientDisconnected(this.peer, this.elapsed)): void {
    super.disconnect(reason);
  }

  /**
   * Waits for the head of the response.
   *
   * @throws {ResponseAborted} If the server broke the connection off before there was one.
   * @throws {ClientDisconnected} If the client left before there was one.
   * @throws {InvalidStateError} If another task is waiting for it already.
   */
  async head(): Promise<ResponseHead> {
    if (this.#headReader?.isWaiting)
      throw new InvalidStateError("Cannot wait for the head as another task is waiting for it");
    if (this.#head === undefined && !this.download.isEnded) {
      await park<void>({ kind: "read", name: "response head" }, (wait) => {
        this.#headReader = wait;
      });
    }
    if (this.#head !== undefined) return this.#head;
    throw this.disconnected ?? new ResponseAborted(this.method, this.target);
  }

  protected override start({ status, headers }: ResponsePlan): void {
    this.#head = { status, headers };
    this.#headReader?.wake();
  }

  protected override write(chunk: Uint8Array): boolean {
    // Copied: the application may use its bytes for something else once they are sent.
    return this.download.push(Uint8Array.from(chunk));
  }

  // There is no system that takes its pieces: its client does, and a virtual clock must not run ahead meanwhile.
  protected override get takesTurns(): boolean {
    return false;
  }

  protected override inform(status: number, headers: RawHeaders): boolean {
    this.informational.push({ status, headers });
    return true;
  }

  protected override end(chunk: string | Uint8Array, trailers: RawHeaders): void {
    this.responseTrailers = trailers;
    const hasRoom = this.write(toBytes(chunk));
    this.download.end();
    if (hasRoom) this.#left();
  }

  protected override cut(reason: Error): void {
    this.upload.fail(reason);
    this.download.fail(reason);
    this.#headReader?.wake();
  }

  // The response has left when the client has taken so much of it that the rest is within what may lie between them.
  #taken(): void {
    this.roomFreed();
    if (this.ended) this.#left();
  }

  #left(): void {
    this.leftWhole();
    this.upload.discard();
  }
}

const defaultPeer: Peer = { address: "127.0.0.1", port: 0 };
