import { closeWithScope, currentScope, publishFigures } from "../asyncio/index.ts";
import { HttpCall } from "./call.ts";
import { type RequestInfo, SessionClosedError, TooManyRedirects } from "./errors.ts";
import {
  callSettings,
  type CallSettings,
  type ClientSessionOptions,
  sessionSettings,
  type SessionSettings,
} from "./options.ts";
import { type ClientStatistics, ConnectionPool } from "./pool.ts";
import { redirectOf } from "./redirect.ts";
import { type OutgoingRequest, prepare, type RequestOptions } from "./request.ts";
import { sendTraced } from "./request-channel.ts";
import { ClientResponse } from "./response.ts";
import type { Connection } from "./undici.ts";

/** A request and its redirects so far. */
interface Route {
  readonly settings: CallSettings;
  readonly history: ClientResponse[];
  /** How much of the total time limit is left, in milliseconds. */
  left: number;
}

/**
 * Sends requests over connections that it keeps and shares. A program usually has one session, or one for each service
 * that it uses.
 *
 * A session is closed at the latest when the scope ends in which it was created: a run, a request, a group. A session
 * that was created at the top level, or by `outside(() => new ClientSession())`, lives until it is closed. A session
 * that a start function of an application creates lives until the application stops.
 *
 * Each wait of a session can be cancelled. The request is then aborted, and its connection is closed or released. Other
 * requests are not affected.
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
  readonly #calls = new Set<HttpCall>();
  readonly #withdraw: () => void;
  // Removes the session from the scope that would close it.
  readonly #forget: () => void;
  #closedWith: string | undefined;
  #isClosed = false;

  /**
   * @throws {TypeError} If an option has the wrong type, or `baseUrl` cannot be the base of a URL.
   * @throws {RangeError} If a number is out of range.
   * @throws {InvalidStateError} If the scope that would own the session has ended.
   */
  constructor(options: ClientSessionOptions = {}) {
    this.#settings = sessionSettings(options);
    this.#pool = new ConnectionPool(this.#settings, this.#settings.transport);
    this.#forget = closeWithScope((keeper) => {
      this.#closedWith = keeper;
      return this.close();
    });
    const { baseUrl } = this.#settings;
    this.#withdraw = publishFigures(baseUrl === undefined ? "HTTP client" : `HTTP client ${baseUrl.host}`, this);
  }

  /** Whether the session was closed. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** Current counts of the session's connections, for monitoring. */
  statistics(): ClientStatistics {
    return this.#pool.statistics();
  }

  /** Sends a GET request. Throws the same errors as {@link request}. */
  get(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("GET", url, options);
  }

  /** Sends a HEAD request. Throws the same errors as {@link request}. */
  head(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("HEAD", url, options);
  }

  /** Sends an OPTIONS request. Throws the same errors as {@link request}. */
  options(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("OPTIONS", url, options);
  }

  /** Sends a POST request. Throws the same errors as {@link request}. */
  post(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("POST", url, options);
  }

  /** Sends a PUT request. Throws the same errors as {@link request}. */
  put(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("PUT", url, options);
  }

  /** Sends a PATCH request. Throws the same errors as {@link request}. */
  patch(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("PATCH", url, options);
  }

  /** Sends a DELETE request. Throws the same errors as {@link request}. */
  delete(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request("DELETE", url, options);
  }

  /**
   * Sends a request, follows its redirects, and returns the response as soon as its head has arrived. If the server has
   * just closed the kept connection, and the request is repeatable, it is sent again, once.
   *
   * @throws {ClientError} If the request fails; the subclass tells how.
   * @throws {CancelledError} If the call is cancelled.
   * @throws {InvalidHeaderError} If a header contains characters that are not allowed.
   * @throws {TypeError} If an option has the wrong type.
   * @throws {RangeError} If a number is out of range.
   */
  async request(method: string, url: string | URL, options: RequestOptions = {}): Promise<ClientResponse> {
    const settings = callSettings(options, this.#settings);
    const route: Route = { settings, history: [], left: settings.limits.total };
    let request: OutgoingRequest | undefined = prepare(this.#settings, method, url, options);
    let response: ClientResponse;
    do {
      response = await this.#sendTold(request, route);
      request = follow(request, response, route);
    } while (request !== undefined);
    return settings.raiseForStatus ? response.raiseForStatus() : response;
  }

  #sendTold(request: OutgoingRequest, route: Route): Promise<ClientResponse> {
    return sendTraced(request, route.history.length, () => this.#send(request, route));
  }

  async #send(request: OutgoingRequest, route: Route): Promise<ClientResponse> {
    const call = await this.#open(request, route);
    const head = await call.send();
    route.left -= call.elapsed;
    call.endWith(currentScope().owner);
    return new ClientResponse(call, head, [...route.history], route.settings.maxBodySize);
  }

  async #open(request: OutgoingRequest, { settings: { limits }, left }: Route): Promise<HttpCall> {
    const loading = this.#isClosed ? undefined : this.#settings.transport.load();
    if (loading !== undefined) await loading;
    if (this.#isClosed) throw this.#closedError(request.info);
    const connection = await this.#pool.acquire(request.url.origin, request.info);
    this.#refuseIfClosed(request.info, connection);
    const onOver = (over: HttpCall): void => void this.#calls.delete(over);
    const call = new HttpCall(request, connection, { pool: this.#pool, limits, left, onOver });
    this.#calls.add(call);
    return call;
  }

  // The session may have been closed in the turn in which the connection was acquired.
  #refuseIfClosed(request: RequestInfo, connection: Connection): void {
    if (!this.#isClosed) return;
    const error = this.#closedError(request);
    this.#pool.discard(connection, error);
    throw error;
  }

  /** Aborts the running requests and closes all connections. Later requests are refused. */
  async close(): Promise<void> {
    this.#forget();
    this.#isClosed = true;
    this.#withdraw();
    // The waiting requests must end first; otherwise they would get the connections that become free.
    this.#pool.failWaiting((request) => this.#closedError(request));
    for (const call of this.#calls) call.fail(this.#closedError(call.request.info));
    await this.#pool.close();
  }

  #closedError(request: RequestInfo): SessionClosedError {
    return new SessionClosedError(request, this.#closedWith);
  }

  /** Closes the session. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// The request that follows the redirect, if the response is a redirect that must be followed.
function follow(request: OutgoingRequest, response: ClientResponse, route: Route): OutgoingRequest | undefined {
  const { maxRedirects } = route.settings;
  if (maxRedirects === 0) return undefined;
  try {
    const next = redirectOf(request, response);
    if (next === undefined) return undefined;
    route.history.push(response);
    response.close();
    if (route.history.length <= maxRedirects) return next;
  } catch (error) {
    response.close();
    throw error;
  }
  throw new TooManyRedirects(
    request.info,
    response,
    route.history.map(({ url }) => url),
  );
}
