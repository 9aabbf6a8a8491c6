/**
 * An exchange over `node:http`.
 *
 * Three things in it are not as one would write them at first:
 *
 * - The request's body is read from the beginning, into a bounded pipe, whether anybody asks for it or not: a socket
 *   that nobody reads does not say that its client has left.
 * - The client's leaving is heard from the connection (`connection.ts`), never from the request's `close` or from its
 *   `signal`, which come when the body has been read, nor from the response alone.
 * - The response is one `writeHead` with a flat list and one `end` with the whole body, which is what `node:http` does
 *   fastest; nothing else is made unless it is needed.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { InvalidStateError, park, type Park, type Resource, type Task } from "../asyncio/index.ts";
import {
  AlreadyRespondedError,
  BytePipe,
  type ClientDisconnected,
  Departure,
  dismissBody,
  findHeader,
  type Peer,
  planResponse,
  type RawHeaders,
  type ResponseBody,
  type ResponsePlan,
  type ServedExchange,
  sendStream,
} from "../http/index.ts";
import type { Connection } from "./connection.ts";

/** What an exchange has to know of its server. */
export interface NodeExchangeHost {
  /** How many bytes of a body are read ahead. */
  readonly bodyBuffer: number;
  /** How many bytes of a body are read and dropped after the response has left, before the connection is cut. */
  readonly discardLimit: number;
  /** Whether the server is about to stop, so that connections are not kept. */
  readonly draining: boolean;
}

const responseLeaving: Resource = { kind: "response", name: "to leave" };
const roomToWrite: Resource = { kind: "response", name: "room to write" };

/** An exchange over `node:http`. */
export class NodeExchange implements ServedExchange {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  readonly scheme = "http";
  readonly httpVersion: string;
  /** The task that serves it. Set by the server. */
  task: Task<void> | undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: Connection;
  readonly #host: NodeExchangeHost;
  readonly #departure = new Departure();
  readonly #body: BytePipe | undefined;
  #status: number | undefined;
  #bytesSent = 0;
  #discarded = 0;
  #ended = false;
  #finished = false;
  #waiting: Park<void> | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, connection: Connection, host: NodeExchangeHost) {
    this.method = request.method ?? "";
    this.target = request.url ?? "";
    this.rawHeaders = request.rawHeaders;
    this.httpVersion = request.httpVersion;
    this.#request = request;
    this.#response = response;
    this.#connection = connection;
    this.#host = host;
    this.#body = this.#readAhead();
    response.on("finish", () => this.#leftWhole());
    connection.add(this);
  }

  get peer(): Peer | undefined {
    return this.#connection.peer;
  }

  get responded(): boolean {
    return this.#status !== undefined;
  }

  get status(): number | undefined {
    return this.#status;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  get ended(): boolean {
    return this.#ended;
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

  async read(): Promise<Uint8Array | undefined> {
    this.#throwIfLeft();
    return this.#body?.read();
  }

  respond(status: number, headers: RawHeaders, body: ResponseBody = ""): Promise<void> {
    try {
      if (this.#status !== undefined) throw new AlreadyRespondedError(this, this.#status);
      const plan = planResponse(this.method, status, headers, body);
      this.#throwIfLeft();
      this.#status = status;
      this.#response.writeHead(status, this.#connectionHeaders(plan.headers));
      return this.#send(plan, body);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  finish(): Promise<void> {
    if (this.#finished) return Promise.resolve();
    if (this.#departure.reason !== undefined) return Promise.reject(this.#departure.reason);
    return this.#wait(responseLeaving);
  }

  abort(): void {
    if (this.#finished) return;
    // First: what closes the connection then is no client that leaves.
    this.#connection.remove(this);
    this.#request.socket.destroy();
  }

  onDisconnect(listener: (reason: ClientDisconnected) => void): void {
    this.#departure.listen(listener);
  }

  /** The client has left. Called by the connection. */
  leave(): void {
    if (this.#finished || this.#departure.reason !== undefined) return;
    this.#connection.remove(this);
    const reason = this.#departure.leave(this.peer);
    this.#body?.fail(reason);
    this.#waiting?.fail(reason);
  }

  #connectionHeaders(headers: string[]): string[] {
    if (this.#host.draining && findHeader(headers, "connection") === undefined) headers.push("Connection", "close");
    return headers;
  }

  #send(plan: ResponsePlan, body: ResponseBody): Promise<void> {
    const fixed = plan.body ?? "";
    if (typeof fixed !== "string" && !(fixed instanceof Uint8Array)) return this.#stream(fixed, plan.declaredLength);
    this.#end(fixed);
    return plan.body === undefined ? this.#finishWithout(body) : this.finish();
  }

  async #finishWithout(body: ResponseBody): Promise<void> {
    await dismissBody(body);
    await this.finish();
  }

  async #stream(body: AsyncIterable<string | Uint8Array>, declaredLength: number | undefined): Promise<void> {
    // Whoever waits for a stream learns at once that there will be one.
    this.#response.flushHeaders();
    await sendStream(body, declaredLength, (chunk) => this.#write(chunk));
    this.#end("");
    await this.finish();
  }

  #write(chunk: Uint8Array): Promise<void> | undefined {
    this.#throwIfLeft();
    this.#bytesSent += chunk.byteLength;
    return this.#response.write(chunk) ? undefined : this.#drained();
  }

  async #drained(): Promise<void> {
    const wake = (): void => void this.#waiting?.wake();
    this.#response.once("drain", wake);
    try {
      await this.#wait(roomToWrite);
    } finally {
      this.#response.off("drain", wake);
    }
  }

  #end(body: string | Uint8Array): void {
    this.#throwIfLeft();
    this.#ended = true;
    this.#bytesSent += typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
    this.#response.end(body);
  }

  #throwIfLeft(): void {
    if (this.#departure.reason !== undefined) throw this.#departure.reason;
  }

  /** Waits until the response has left, or there is room; fails if the client leaves. */
  #wait(resource: Resource): Promise<void> {
    if (this.#waiting?.isWaiting) {
      return Promise.reject(new InvalidStateError(`Cannot wait for the response as another task is waiting for it`));
    }
    return park<void>(resource, (wait) => {
      this.#waiting = wait;
    });
  }

  #leftWhole(): void {
    this.#finished = true;
    this.#connection.remove(this);
    this.#body?.discard();
    this.#waiting?.wake();
  }

  /** Begins to read the body, if there is one. */
  #readAhead(): BytePipe | undefined {
    const request = this.#request;
    if (!hasBody(this.rawHeaders)) return undefined;
    const pipe = new BytePipe({ name: "request body", bound: this.#host.bodyBuffer, onRoom: () => request.resume() });
    request.on("data", (chunk: Uint8Array) => this.#arrived(pipe, chunk));
    request.on("end", () => pipe.end());
    return pipe;
  }

  /** What nobody wants is read and dropped, so that the connection can be used again; but not for ever. */
  #arrived(pipe: BytePipe, chunk: Uint8Array): void {
    if (!pipe.push(chunk)) this.#request.pause();
    if (!this.#finished) return;
    this.#discarded += chunk.byteLength;
    if (this.#discarded > this.#host.discardLimit) this.#request.socket.destroy();
  }
}

function hasBody(headers: RawHeaders): boolean {
  const length = findHeader(headers, "content-length");
  return length === undefined ? findHeader(headers, "transfer-encoding") !== undefined : length !== "0";
}
