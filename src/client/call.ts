// HttpCall: one request and its response on one connection.
//
//   connecting ──onRequestStart──> sent ──onResponseStart──> receiving ──onResponseEnd──> over
//                                                               └──close()──> discarding ──┘
//   fail(), in any state ───────────────────────────────────────────────────────────────> over
//
// undici calls its handler in the context of the code that opened the socket. No code of the caller runs there: the
// handler changes the state, puts bytes into a pipe and wakes waits. The caller reads the pipe in its own scope.
//
// A call ends only once, in `#settle`: by the end of the response, an error, a time limit, a cancellation, or the
// closing of the session. Timers are cleared, the session is notified, and the connection is released or closed.
//
// A response may arrive before the request was completely sent, and the server may not have read the rest. It would
// then take the next request on that connection for the rest of the body. So such a connection is closed: see
// `#canKeep`.

import { InvalidStateError, outside, park, type Park, type Scope } from "../asyncio/index.ts";
import { noop } from "../base/noop.ts";
import { BytePipe } from "../http/index.ts";
import {
  type CallState,
  ClientConnectionError,
  ClientTimeoutError,
  explain,
  InvalidResponseError,
  type RequestInfo,
  type ResponseInfo,
  ServerDisconnectedError,
  type TimeLimitName,
} from "./errors.ts";
import type { ConnectionPool } from "./pool.ts";
import { isStream, type OutgoingRequest } from "./request.ts";
import { LimitTimer, type TimeLimits } from "./timeouts.ts";
import {
  type Connection,
  type DispatchController,
  type DispatchHandler,
  type DispatchOptions,
  headerList,
} from "./undici.ts";
import { sliced, Upload, type UploadWatcher } from "./upload.ts";

// How many unread bytes of a body are buffered before reading from the connection pauses.
const bodyBound = 65_536;
// The rest of a body that the caller does not want is read, in order to keep the connection, if it has at most this
// many bytes
const drainBound = 65_536;
// and arrives within this many milliseconds.
const drainTime = 200;
// How many bytes of a body a server may have read if it answered after the beginning of the request: about as many as
// TCP sends at once (RFC 6928).
const flightSize = 16_384;
// The maximum number of interim responses before a response.
const mostInterim = 100;

const repeatable: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** The values that a call gets from its session. */
export interface HttpCallOptions {
  readonly pool: ConnectionPool;
  readonly limits: TimeLimits;
  /** How much of the total time limit is left, in milliseconds. */
  readonly left: number;
  /** Called when the call has ended. */
  readonly onOver: (call: HttpCall) => void;
}

/** One request and its response on one connection. */
export class HttpCall implements DispatchHandler {
  readonly request: OutgoingRequest;
  readonly #options: HttpCallOptions;
  readonly #pipe: BytePipe;
  readonly #total: LimitTimer;
  readonly #phase: LimitTimer;
  #state: CallState = "connecting";
  #failure: Error | undefined;
  #connection: Connection;
  #controller: DispatchController | undefined;
  #upload: Upload | undefined;
  #head: Park<ResponseInfo> | undefined;
  #isAnswered = false;
  #interimCount = 0;
  #status = 0;
  // The number of bytes of the body that have arrived; in the state *discarding*, the number since that state began.
  #received = 0;
  #startedAt = 0;
  #forget: () => void = noop;

  constructor(request: OutgoingRequest, connection: Connection, options: HttpCallOptions) {
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
    return this.#state === "over" && this.#failure === undefined;
  }

  /** The time since the request was sent, in milliseconds. */
  get elapsed(): number {
    return performance.now() - this.#startedAt;
  }

  /** Sends the request and waits until its response begins. */
  async send(): Promise<ResponseInfo> {
    const { method, url } = this.request.info;
    try {
      const start = (wait: Park<ResponseInfo>): void => this.#start(wait);
      // If the call is answered and cancelled in the same turn, nothing must be given back: the response is closed
      // below, as after any error.
      return await park({ kind: "response", name: `${method} ${url}` }, start, { giveBack: noop });
    } catch (error) {
      this.fail(error as Error);
      await this.#upload?.ended();
      throw error;
    }
  }

  /** The next piece of the body, not decoded, or `undefined` at its end. */
  read(): Promise<Uint8Array | undefined> {
    return this.#pipe.read();
  }

  /** Ends the call when `scope` ends, if the body has not been read by then. */
  endWith(scope: Scope): void {
    if (this.#state === "over") return;
    this.#forget = scope.onClose(() => {
      const { method, url } = this.request.info;
      const reason = `Cannot read the body of ${method} ${url} as the scope that asked for it has ended`;
      this.fail(new ClientConnectionError(this.request.info, reason));
    });
  }

  /**
   * Ends the call because the caller does not want the rest of the body. A small rest is read, in order to keep the
   * connection.
   */
  close(contentLength = 0): void {
    if (this.#state === "over" || this.#state === "discarding") return;
    if (contentLength - this.#received > drainBound || !this.#canKeep()) return this.abort();
    this.#state = "discarding";
    this.#received = 0;
    this.#phase.start("idle", drainTime);
    this.#pipe.discard();
  }

  /** Ends the call because the reader was stopped, and closes the connection. */
  abort(): void {
    this.fail(closed(this.request.info));
  }

  /** Ends the call with an error, and closes the connection. */
  fail(error: Error): void {
    if (this.#state === "over") return;
    const controller = this.#controller;
    this.#failure = error;
    this.#settle();
    this.#takeHead()?.fail(error);
    this.#pipe.fail(error);
    outside(() => controller?.abort(error));
    this.#options.pool.discard(this.#connection, error);
  }

  // The wait is dropped, because it refers to its task, and the task's result may be the response. If the wait were
  // kept, an unused response could not be garbage-collected.
  #takeHead(): Park<ResponseInfo> | undefined {
    const head = this.#head;
    this.#head = undefined;
    return head;
  }

  #settle(): void {
    this.#state = "over";
    this.#total.clear();
    this.#phase.clear();
    this.#forget();
    this.#upload?.stop();
    this.#controller = undefined;
    this.#connection.onInterim = noop;
    this.#options.onOver(this);
  }

  #expire(limit: TimeLimitName): void {
    if (this.#state === "discarding") return this.abort();
    this.fail(new ClientTimeoutError(this.request.info, limit, this.#options.limits[limit]));
  }

  #start(wait: Park<ResponseInfo>): void {
    // The session was closed before the request was sent.
    if (this.#failure !== undefined) return void wait.fail(this.#failure);
    this.#head = wait;
    this.#startedAt = performance.now();
    this.#total.start("total", this.#options.left);
    if (this.#failure !== undefined) return;
    const { body, info } = this.request;
    if (isStream(body)) this.#upload = new Upload(body, `body of ${info.method} ${info.url}`, this.#watchUpload());
    this.#dispatch();
  }

  #dispatch(): void {
    const options = this.#dispatchOptions();
    this.#phase.start("connect", this.#options.limits.connect);
    if (this.#failure !== undefined) return;
    this.#connection.onInterim = (): void => this.#skipInterim();
    outside(() => this.#connection.dispatch(options, this));
  }

  #dispatchOptions(): DispatchOptions {
    const { method, url, headers, body } = this.request;
    return {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: [...headers.raw],
      body:
        this.#upload ?? (body instanceof Uint8Array ? sliced(body, this.#watchUpload()) : ((body as string) ?? null)),
      headersTimeout: 0,
      bodyTimeout: 0,
    };
  }

  #watchUpload(): UploadWatcher {
    return {
      onHungry: (): void => {
        if (this.#state === "sent") this.#phase.clear();
      },
      onFed: (): void => {
        if (this.#state === "sent") this.#phase.start("idle", this.#options.limits.idle);
      },
    };
  }

  // Whether it is certain that the server has not read the whole request yet.
  #isEarly(): boolean {
    return (this.#upload !== undefined && !this.#upload.isOver) || this.#connection.hasUnsent;
  }

  // Whether the connection can be used again. Bytes that this process has sent may still be in network buffers. A
  // server that accepts a request reads all of it. A server that refuses or redirects a request may do so after reading
  // the head, and has then read only the part of the body that arrived together with the head.
  #canKeep(): boolean {
    if (this.#isEarly()) return false;
    return this.#status < 300 || this.#bodySize() <= flightSize;
  }

  #bodySize(): number {
    const { body } = this.request;
    return this.#upload?.size ?? (body === undefined ? 0 : Buffer.byteLength(body as string | Uint8Array));
  }

  // Called when the pipe has room again: resumes reading from the connection.
  #resume(): void {
    if (this.#state === "receiving") this.#phase.start("idle", this.#options.limits.idle);
    if (this.#state !== "over") outside(() => this.#controller?.resume());
  }

  // -- called by undici -----------------------------------------------------------------------------------------------

  onRequestStart(controller: DispatchController): void {
    if (this.#state === "over") return controller.abort(closed(this.request.info));
    this.#controller = controller;
    this.#state = "sent";
    this.#phase.start("headers", this.#options.limits.headers);
  }

  onRequestSent(): void {
    if (this.#state === "sent") this.#phase.start("headers", this.#options.limits.headers);
  }

  #skipInterim(): void {
    if (this.#state !== "sent") return;
    this.#isAnswered = true;
    this.#phase.refresh();
    if (++this.#interimCount <= mostInterim) return;
    const { method, url } = this.request.info;
    const reason = `Cannot ${method} ${url} as it was answered by interim responses only: limit is ${mostInterim}`;
    this.fail(new InvalidResponseError(this.request.info, reason));
  }

  onResponseStarted(): void {
    this.#isAnswered = true;
  }

  onResponseStart(controller: DispatchController, status: number, headers: unknown, reason = ""): void {
    if (this.#state === "over") return;
    if (status < 200) return this.#skipInterim();
    this.#state = "receiving";
    this.#status = status;
    this.#connection.wasUsed = true;
    this.#phase.start("idle", this.#options.limits.idle);
    this.#takeHead()?.wake({ status, reason, headers: headerList(controller.rawHeaders ?? headers) });
  }

  onResponseData(controller: DispatchController, chunk: Uint8Array): void {
    if (this.#state === "over") return;
    this.#received += chunk.byteLength;
    if (this.#state === "discarding") return this.#received > drainBound ? this.abort() : undefined;
    if (this.#pipe.push(chunk)) return this.#phase.refresh();
    this.#phase.clear();
    controller.pause();
  }

  onResponseEnd(): void {
    if (this.#state === "over") return;
    const { cutBy } = this.#connection;
    // A body that ends with its connection is complete if the connection was closed normally. A reset means that the
    // body was cut off, unless the reset happened only because the server has not read the whole request.
    if (cutBy !== undefined && !this.#isEarly()) return this.fail(explain(this.request.info, cutBy, this.#state));
    const canKeep = this.#canKeep();
    this.#settle();
    this.#pipe.end();
    if (canKeep) this.#options.pool.release(this.#connection);
    else this.#options.pool.discard(this.#connection, closed(this.request.info));
  }

  onResponseError(_controller: DispatchController | null, failure: Error): void {
    if (this.#state === "over") return;
    // An error that the caller's own code threw while producing the body is passed to the caller unchanged.
    if (this.#upload?.error === failure) return this.fail(failure);
    const error = explain(this.request.info, failure, this.#state);
    if (error instanceof ServerDisconnectedError && this.#canRetry()) return this.#retry(failure);
    this.fail(error);
  }

  // The server may close a kept connection at the moment when the client uses it again; then no byte of a response
  // arrives. A repeatable request is then sent again, once, over a new connection.
  #canRetry(): boolean {
    const { method, body } = this.request;
    return this.#connection.wasUsed && !this.#isAnswered && repeatable.has(method) && !isStream(body);
  }

  #retry(failure: Error): void {
    this.#state = "connecting";
    this.#controller = undefined;
    this.#connection = this.#options.pool.renew(this.#connection, failure);
    this.#dispatch();
  }
}

/** The error for reading a closed response. */
export function closed(info: RequestInfo): Error {
  return new InvalidStateError(`Cannot read the body of ${info.method} ${info.url} as the response was closed`);
}
