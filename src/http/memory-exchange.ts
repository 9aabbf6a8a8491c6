import { InvalidStateError, park, type Park } from "../asyncio/index.ts";
import type { Peer, RawHeaders, ResponseBody } from "./application.ts";
import { BytePipe } from "./byte-pipe.ts";
import { Departure } from "./departure.ts";
import { AlreadyRespondedError, type ClientDisconnected } from "./errors.ts";
import { dismissBody, planResponse, type ResponsePlan } from "./response-plan.ts";
import { sendStream, toBytes } from "./send-stream.ts";
import type { ServedExchange } from "./served-exchange.ts";

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

/** The response was broken off by the server. */
export class ResponseAborted extends Error {
  override readonly name = "ResponseAborted";

  constructor(method: string, target: string) {
    super(`Cannot read the response to ${method} ${target} as the server broke it off`);
  }
}

/**
 * An exchange without sockets: the one end is an {@link ServedExchange}, to be given to an application; the other end
 * is the client. It keeps the rules of a real connection, backpressure and the client's leaving included.
 *
 * @example
 * const exchange = new MemoryExchange({ target: "/" });
 * exchange.upload.end();
 * await serveExchange({ handle: (it) => it.respond(200, [], "Hello") }, exchange);
 * console.log((await exchange.head()).status); // 200
 */
export class MemoryExchange implements ServedExchange {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  readonly scheme = "http";
  readonly httpVersion = "1.1";
  readonly peer: Peer;
  /** The request's body, for the client to fill. */
  readonly upload: BytePipe;
  /** The response's body, for the client to read. */
  readonly download: BytePipe;
  readonly #departure = new Departure();
  #plan: ResponsePlan | undefined;
  #bytesSent = 0;
  #finished = false;
  #aborted = false;
  #headReader: Park<void> | undefined;

  constructor({ method = "GET", target, rawHeaders = [], peer = defaultPeer, bufferSize = 65_536 }: MemoryRequestHead) {
    this.method = method;
    this.target = target;
    this.rawHeaders = rawHeaders;
    this.peer = peer;
    this.upload = new BytePipe({ name: "request body", bound: bufferSize });
    this.download = new BytePipe({ name: "response body", bound: bufferSize });
  }

  get responded(): boolean {
    return this.#plan !== undefined;
  }

  get status(): number | undefined {
    return this.#plan?.status;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  get ended(): boolean {
    return this.download.isEnded;
  }

  get finished(): boolean {
    return this.#finished;
  }

  get disconnected(): ClientDisconnected | undefined {
    return this.#departure.reason;
  }

  get elapsed(): number {
    return this.#departure.elapsed;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.upload.read();
  }

  async respond(status: number, headers: RawHeaders, body: ResponseBody = ""): Promise<void> {
    if (this.#plan !== undefined) throw new AlreadyRespondedError(this, this.#plan.status);
    this.#plan = planResponse(this.method, status, headers, body);
    this.#headReader?.wake();
    await this.#send(this.#plan, body);
    this.download.end();
    await this.finish();
  }

  async finish(): Promise<void> {
    await this.download.room();
    this.#finished = true;
    this.upload.discard();
  }

  abort(): void {
    if (this.#finished || this.#aborted) return;
    this.#aborted = true;
    this.#break(new ResponseAborted(this.method, this.target));
  }

  onDisconnect(listener: (reason: ClientDisconnected) => void): void {
    this.#departure.listen(listener);
  }

  /** The client leaves. If it has its whole response, or the server broke it off, nobody hears of that. */
  disconnect(): void {
    if (this.#finished || this.#aborted) return;
    this.#break(this.#departure.leave(this.peer));
  }

  /**
   * Waits for the head of the response.
   *
   * @throws {ResponseAborted} If the server broke the connection off before there was one.
   * @throws {ClientDisconnected} If the client left before there was one.
   * @throws {InvalidStateError} If somebody is waiting for it already.
   */
  async head(): Promise<ResponseHead> {
    if (this.#headReader?.isWaiting)
      throw new InvalidStateError("Cannot wait for the head as another task is waiting for it");
    if (this.#plan === undefined && !this.ended) {
      await park<void>({ kind: "read", name: "response head" }, (wait) => {
        this.#headReader = wait;
      });
    }
    if (this.#plan !== undefined) return this.#plan;
    throw this.#departure.reason ?? new ResponseAborted(this.method, this.target);
  }

  async #send(plan: ResponsePlan, body: ResponseBody): Promise<void> {
    if (plan.body === undefined) return dismissBody(body);
    if (typeof plan.body === "string" || plan.body instanceof Uint8Array) this.#push(toBytes(plan.body));
    else
      await sendStream(plan.body, plan.declaredLength, (chunk) =>
        this.#push(chunk) ? undefined : this.download.room(),
      );
  }

  /** Returns whether there is room for more. */
  #push(chunk: Uint8Array): boolean {
    if (this.#departure.reason !== undefined) throw this.#departure.reason;
    this.#bytesSent += chunk.byteLength;
    // Copied: the application may use its bytes for something else once they are sent.
    return this.download.push(Uint8Array.from(chunk));
  }

  #break(error: Error): void {
    this.upload.fail(error);
    this.download.fail(error);
    this.#headReader?.wake();
  }
}

const defaultPeer: Peer = { address: "127.0.0.1", port: 0 };
