import { closeWithScope, currentScope, publishFigures } from "../asyncio/index.ts";
import { ClientResponse } from "./client-response.ts";
import type { Connection } from "./_connection.ts";
import { type ClientStatistics, ConnectionPool } from "./_connection-pool.ts";
import { Exchange } from "./_exchange.ts";
import { type RequestInfo, SessionClosedError, TooManyRedirects } from "./errors.ts";
import type { OutgoingRequest } from "./_outgoing-request.ts";
import { prepare } from "./_prepare.ts";
import { redirectOf } from "./_redirect.ts";
import type { RequestOptions } from "./request-options.ts";
import {
  callSettings,
  type CallSettings,
  type ClientSessionOptions,
  sessionSettings,
  type SessionSettings,
} from "./session-options.ts";

/** A call that is under way. */
interface Call {
  readonly settings: CallSettings;
  readonly history: ClientResponse[];
  /** How much of its total time limit is left. */
  left: number;
}

/**
 * Makes requests over connections that it keeps and shares. A program has one, or one for each service it talks to.
 *
 * It is closed with the scope that it was made in, at the latest: a run, a request, a job, a group. One that is made at
 * the top level, or by `outside(() => new ClientSession())`, lives until it is closed; one that a start function of an
 * application makes, until the application stops.
 *
 * Every wait of it can be cancelled: the request is broken off then, its connection closed or free for others, and
 * nobody else is harmed.
 *
 * @example
 * import { createServer } from "node:http";
 * const server = createServer((request, response) => response.end(`You asked for ${request.url}`)).listen(0, "127.0.0.1");
 * await new Promise((resolve) => server.once("listening", resolve));
 * const { port } = server.address() as { port: number };
 *
 * await using session = new ClientSession({ baseUrl: `http://127.0.0.1:${port}/` });
 * const pages = await gather([1, 2, 3].map((n) => async () => (await session.get(`pages/${n}`)).text()));
 * console.log(pages[2]); // You asked for /pages/3
 * server.close();
 * @see https://docs.aiohttp.org/en/stable/client_reference.html#client-session
 */
export class ClientSession implements AsyncDisposable {
  readonly #settings: SessionSettings;
  readonly #pool: ConnectionPool;
  readonly #exchanges = new Set<Exchange>();
  readonly #withdraw: () => void;
  // By the end of the scope that it was opened in, or when it is closed by hand.
  readonly #forget: () => void;
  #closedWith: string | undefined;
  #isClosed = false;

  /**
   * @throws {TypeError} If an option has the wrong type, or `baseUrl` is no URL that can be a base.
   * @throws {RangeError} If a number is not one that its option can have.
   * @throws {InvalidStateError} If the scope that it would belong to has ended.
   */
  constructor(options: ClientSessionOptions = {}) {
    this.#settings = sessionSettings(options);
    this.#pool = new ConnectionPool(this.#settings, this.#settings.connect);
    this.#forget = closeWithScope((keeper) => {
      this.#closedWith = keeper;
      return this.close();
    });
    const { baseUrl } = this.#settings;
    this.#withdraw = publishFigures(baseUrl === undefined ? "HTTP client" : `HTTP client ${baseUrl.host}`, this);
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** What its connections are doing. */
  statistics(): ClientStatistics {
    return this.#pool.statistics();
  }

  /** Asks for a resource. Throws what {@link request} throws. */
  get(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("GET", url, options);
  }

  /** Asks for the head of a response only. Throws what {@link request} throws. */
  head(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("HEAD", url, options);
  }

  /** Asks what can be asked. Throws what {@link request} throws. */
  options(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("OPTIONS", url, options);
  }

  /** Sends something in. Throws what {@link request} throws. */
  post(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("POST", url, options);
  }

  /** Puts a resource there. Throws what {@link request} throws. */
  put(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("PUT", url, options);
  }

  /** Changes a resource. Throws what {@link request} throws. */
  patch(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("PATCH", url, options);
  }

  /** Deletes a resource. Throws what {@link request} throws. */
  delete(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("DELETE", url, options);
  }

  /**
   * Makes a request, follows its redirects, and gives the response as soon as its head is there. A request that can be
   * made twice, and finds that the server has closed the connection that was kept for it, is made again, once.
   *
   * @throws {ClientError} If it fails; the tree of errors says how.
   * @throws {CancelledError} If it is cancelled.
   * @throws {InvalidHeaderError} If a header has characters that may not stand there.
   * @throws {TypeError} If an option has the wrong type.
   * @throws {RangeError} If a number is not one that its option can have.
   */
  async request(method: string, url: string | URL, options: RequestOptions = {}): Promise<ClientResponse> {
    const settings = callSettings(options, this.#settings);
    const call: Call = { settings, history: [], left: settings.limits.total };
    let request: OutgoingRequest | undefined = prepare(this.#settings, method, url, options);
    let response: ClientResponse;
    do {
      response = await this.#ask(request, call);
      request = follow(request, response, call);
    } while (request !== undefined);
    return settings.raiseForStatus ? response.raiseForStatus() : response;
  }

  async #ask(request: OutgoingRequest, call: Call): Promise<ClientResponse> {
    const exchange = await this.#open(request, call);
    const head = await exchange.send();
    call.left -= exchange.elapsed;
    exchange.endWith(currentScope().owner);
    return new ClientResponse(exchange, head, [...call.history], call.settings.maxBodySize);
  }

  async #open(request: OutgoingRequest, { settings: { limits }, left }: Call): Promise<Exchange> {
    if (this.#isClosed) throw this.#closedError(request.info);
    const connection = await this.#pool.acquire(request.url.origin, request.info);
    this.#refuseIfClosed(request.info, connection);
    const onOver = (over: Exchange): void => void this.#exchanges.delete(over);
    const exchange = new Exchange(request, connection, { pool: this.#pool, limits, left, onOver });
    this.#exchanges.add(exchange);
    return exchange;
  }

  // Closed in the turn in which the connection was given.
  #refuseIfClosed(request: RequestInfo, connection: Connection): void {
    if (!this.#isClosed) return;
    const error = this.#closedError(request);
    this.#pool.discard(connection, error);
    throw error;
  }

  /** Breaks off what is under way, and closes all connections. What is asked of it afterwards is refused. */
  async close(): Promise<void> {
    this.#forget();
    this.#isClosed = true;
    this.#withdraw();
    // First those who wait: they would be given the connections that become free.
    this.#pool.refuseWaiting((request) => this.#closedError(request));
    for (const exchange of this.#exchanges) exchange.fail(this.#closedError(exchange.request.info));
    await this.#pool.close();
  }

  #closedError(request: RequestInfo): SessionClosedError {
    return new SessionClosedError(request, this.#closedWith);
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// The request that a redirect asks for, if the response is one that is to be followed.
function follow(request: OutgoingRequest, response: ClientResponse, call: Call): OutgoingRequest | undefined {
  const { maxRedirects } = call.settings;
  if (maxRedirects === 0) return undefined;
  try {
    const next = redirectOf(request, response);
    if (next === undefined) return undefined;
    call.history.push(response);
    response.close();
    if (call.history.length <= maxRedirects) return next;
  } catch (error) {
    response.close();
    throw error;
  }
  throw new TooManyRedirects(
    request.info,
    response,
    call.history.map(({ url }) => url),
  );
}
