// Exchange: one request and its response on one connection.
//
//            acquire()        onRequestStart      onResponseStart      onResponseEnd
//   (waits for a connection) ── connecting ── sent ────────────── body ──────────── over: connection is kept
//                                    └───────────┴───────── fail() ┘                over: connection is closed
//
// undici tells its handler what happens, in the context of whoever opened the socket. Nothing of the caller's runs there:
// the handler moves this state, puts bytes into a pipe and wakes waits. The caller reads the pipe in its own scope.
//
// Whatever ends it — the response's end, an error, a limit, a cancellation, the session's closing — ends it once, in
// `#settle`: timers are cleared, whoever listens is told, and the connection goes back or is closed.

import { isUtf8 } from "node:buffer";
import { InvalidStateError, outside, park, type Park, type Scope } from "../asyncio/index.ts";
import { BytePipe, HeaderList } from "../http/index.ts";
import { noop } from "../base/noop.ts";
import type { TimeLimits } from "./client-timeout.ts";
import type { Connection, DispatchController, DispatchHandler, DispatchOptions } from "./_connection.ts";
import type { ConnectionPool } from "./_connection-pool.ts";
import {
  ClientConnectionError,
  ClientTimeoutError,
  type RequestInfo,
  type ResponseInfo,
  ServerDisconnectedError,
  type TimeLimitName,
} from "./errors.ts";
import { explain, type Stage } from "./_explain.ts";
import { LimitTimer } from "./_limit-timer.ts";
import { isStream, type OutgoingRequest } from "./_outgoing-request.ts";
import { sliced, Upload } from "./_upload.ts";

// How much of a body waits to be read before no more is taken from the connection.
const bodyBound = 65_536;
// What is left of a body that nobody wants is read to its end, to keep its connection, if it is no more than that,
const drainBound = 65_536;
// and comes within that many milliseconds.
const drainTime = 200;

const repeatable: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** What an exchange needs from its session. */
export interface ExchangeOptions {
  readonly pool: ConnectionPool;
  readonly limits: TimeLimits;
  /** How much of the total limit is left. */
  readonly left: number;
  /** Called when it is over. */
  readonly onOver: (exchange: Exchange) => void;
}

/** One request and its response on one connection. */
export class Exchange implements DispatchHandler {
  readonly request: OutgoingRequest;
  readonly #options: ExchangeOptions;
  readonly #pipe: BytePipe;
  readonly #total: LimitTimer;
  readonly #phase: LimitTimer;
  #connection: Connection;
  #controller: DispatchController | undefined;
  #upload: Upload | undefined;
  #head: Park<ResponseInfo> | undefined;
  #stage: Stage = "connect";
  #isOver = false;
  #failure: Error | undefined;
  #isComplete = false;
  #isPaused = false;
  #received = 0;
  // How much had been received when nobody wanted the rest.
  #closedAt: number | undefined;
  #startedAt = 0;
  #forget: () => void = noop;

  constructor(request: OutgoingRequest, connection: Connection, options: ExchangeOptions) {
    this.request = request;
    this.#connection = connection;
    this.#options = options;
    const expire = (limit: TimeLimitName): void => this.#expire(limit);
    this.#total = new LimitTimer(expire);
    this.#phase = new LimitTimer(expire);
    this.#pipe = new BytePipe({
      name: `response to ${request.info.method} ${request.info.url}`,
      bound: bodyBound,
      onRoom: () => this.#resume(),
    });
  }

  /** Whether the whole body has arrived. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** How many milliseconds ago it was sent. */
  get elapsed(): number {
    return performance.now() - this.#startedAt;
  }

  /** Sends the request and waits until its response begins. */
  async send(): Promise<ResponseInfo> {
    const { method, url } = this.request.info;
    try {
      const start = (wait: Park<ResponseInfo>): void => this.#start(wait);
      // Answered and cancelled in the same turn: then the response is closed, like any other that failed.
      return await park({ kind: "response", name: `${method} ${url}` }, start, { giveBack: () => undefined });
    } catch (error) {
      this.fail(error as Error);
      await this.#upload?.ended();
      throw error;
    }
  }

  /** The next piece of the body as it came, or `undefined` at its end. */
  read(): Promise<Uint8Array | undefined> {
    return this.#pipe.read();
  }

  /** Ends it when `scope` ends, if nobody has read it by then. */
  endWith(scope: Scope): void {
    if (this.#isOver) return;
    this.#forget = scope.onClose(() => {
      const { method, url } = this.request.info;
      const reason = `Cannot read the body of ${method} ${url} as the scope that asked for it has ended`;
      this.fail(new ClientConnectionError(this.request.info, reason));
    });
  }

  /** Ends it because nobody wants the rest: a little of it is read, to keep the connection. */
  close(contentLength = 0): void {
    if (this.#isOver || this.#closedAt !== undefined) return;
    if (contentLength - this.#received > drainBound || this.#isUploading()) return this.fail(closed(this.request.info));
    this.#closedAt = this.#received;
    this.#phase.set("idle", drainTime);
    this.#pipe.discard();
  }

  /** Ends it because its reader was stopped. */
  abort(): void {
    this.fail(closed(this.request.info));
  }

  /** Ends it by an error, and closes its connection. */
  fail(error: Error): void {
    if (this.#isOver) return;
    const controller = this.#controller;
    this.#failure = error;
    this.#settle();
    this.#takeHead()?.fail(error);
    this.#pipe.fail(error);
    outside(() => controller?.abort(error));
    this.#options.pool.discard(this.#connection, error);
  }

  // It knows its task, which may have the response as its result: one that nobody else holds is to be collected.
  #takeHead(): Park<ResponseInfo> | undefined {
    const head = this.#head;
    this.#head = undefined;
    return head;
  }

  #settle(): void {
    this.#isOver = true;
    this.#total.clear();
    this.#phase.clear();
    this.#forget();
    this.#upload?.stop();
    this.#controller = undefined;
    this.#options.onOver(this);
  }

  #expire(limit: TimeLimitName): void {
    if (this.#closedAt !== undefined) return this.fail(closed(this.request.info));
    this.fail(new ClientTimeoutError(this.request.info, limit, this.#options.limits[limit]));
  }

  #start(wait: Park<ResponseInfo>): void {
    // Its session was closed before it was sent.
    if (this.#failure !== undefined) return void wait.fail(this.#failure);
    this.#head = wait;
    this.#startedAt = performance.now();
    this.#total.set("total", this.#options.left);
    if (this.#isOver) return;
    const { body, info } = this.request;
    if (isStream(body)) this.#upload = new Upload(body, `body of ${info.method} ${info.url}`, this.#uploadWatcher);
    this.#dispatch();
  }

  #dispatch(): void {
    const options = this.#dispatchOptions();
    this.#phase.set("connect", this.#options.limits.connect);
    if (!this.#isOver) outside(() => this.#connection.dispatch(options, this));
  }

  #dispatchOptions(): DispatchOptions {
    const { method, url, headers, body } = this.request;
    return {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: [...headers.raw],
      body:
        this.#upload ?? (body instanceof Uint8Array ? sliced(body, this.#uploadWatcher) : ((body as string) ?? null)),
      headersTimeout: 0,
      bodyTimeout: 0,
    };
  }

  readonly #uploadWatcher = {
    onHungry: (): void => {
      if (this.#stage === "headers" && !this.#isOver) this.#phase.clear();
    },
    onFed: (): void => {
      if (this.#stage === "headers" && !this.#isOver) this.#phase.set("idle", this.#options.limits.idle);
    },
  };

  #isUploading(): boolean {
    return this.#upload !== undefined && !this.#upload.isOver;
  }

  // Room again in the pipe: the connection may go on.
  #resume(): void {
    if (!this.#isPaused || this.#isOver) return;
    this.#isPaused = false;
    if (this.#closedAt === undefined) this.#phase.set("idle", this.#options.limits.idle);
    outside(() => this.#controller?.resume());
  }

  // -- what undici tells ----------------------------------------------------------------------------------------------

  onRequestStart(controller: DispatchController): void {
    if (this.#isOver) return controller.abort(closed(this.request.info));
    this.#controller = controller;
    this.#stage = "headers";
    this.#phase.set("headers", this.#options.limits.headers);
  }

  onRequestSent(): void {
    if (this.#stage === "headers" && !this.#isOver) this.#phase.set("headers", this.#options.limits.headers);
  }

  onResponseStart(controller: DispatchController, status: number, headers: unknown, reason = ""): void {
    if (this.#isOver) return;
    if (status < 200) return this.#phase.refresh();
    this.#stage = "body";
    this.#connection.wasUsed = true;
    this.#phase.set("idle", this.#options.limits.idle);
    this.#takeHead()?.wake({ status, reason, headers: headerList(controller.rawHeaders ?? headers) });
  }

  onResponseData(controller: DispatchController, chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#received += chunk.byteLength;
    if (this.#closedAt !== undefined) return this.#drain(this.#closedAt);
    if (this.#pipe.push(chunk)) return this.#phase.refresh();
    this.#isPaused = true;
    this.#phase.clear();
    controller.pause();
  }

  #drain(from: number): void {
    if (this.#received - from > drainBound) this.fail(closed(this.request.info));
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    const wasUploading = this.#isUploading();
    this.#isComplete = true;
    this.#settle();
    this.#pipe.end();
    // A server that answered before it had read everything cannot be asked again.
    if (wasUploading) this.#options.pool.discard(this.#connection, closed(this.request.info));
    else this.#options.pool.release(this.#connection);
  }

  onResponseError(_controller: DispatchController | null, failure: Error): void {
    if (this.#isOver) return;
    // What the user's own code threw, while it made the body, is the user's.
    if (this.#upload?.error === failure) return this.fail(failure);
    const error = explain(this.request.info, failure, this.#stage);
    if (error instanceof ServerDisconnectedError && this.#canRetry()) return this.#retry(failure);
    this.fail(error);
  }

  // A connection that had been kept may be closed by the server in the moment in which it is used again. Then nothing of
  // the request was heard, as far as one can know; what may be asked twice is asked again, once, on a new connection.
  #canRetry(): boolean {
    const { method, body } = this.request;
    return this.#connection.wasUsed && repeatable.has(method) && !isStream(body);
  }

  #retry(failure: Error): void {
    this.#stage = "connect";
    this.#controller = undefined;
    this.#connection = this.#options.pool.renew(this.#connection, failure);
    this.#dispatch();
  }
}

/** What a reader gets of a response that was closed. */
export function closed(info: RequestInfo): Error {
  return new InvalidStateError(`Cannot read the body of ${info.method} ${info.url} as the response was closed`);
}

function headerList(raw: unknown): HeaderList {
  if (!Array.isArray(raw)) return new HeaderList(raw as Record<string, string>);
  return new HeaderList(raw.map((part: string | Uint8Array) => (typeof part === "string" ? part : decode(part))));
}

// Headers are bytes. Most are ASCII; a file name or a Location may be UTF-8, or what came before it.
function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(isUtf8(bytes) ? "utf8" : "latin1");
}
