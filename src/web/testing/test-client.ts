import { InvalidStateError } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import {
  type Application,
  HeaderList,
  type HeadersLike,
  MemoryExchange,
  parseCookies,
  type ResponseHead,
  splitTarget,
} from "../../http/index.ts";
import type { Session } from "../sessions/session.ts";
import { CookieJar } from "./cookie-jar.ts";
import { redirectedRequest, type SentRequest } from "./redirected-request.ts";
import { checkConnection, connectionHeaders, type TestConnectionOptions } from "./test-connection-options.ts";
import { TestCall, type TestRequestOptions, toTarget } from "./test-call.ts";
import type { TestResponse } from "./test-response.ts";
import { TestWebSocket, type TestWebSocketOptions } from "./test-web-socket.ts";

/** Options of a test client. Those of its connection are for every request that has none of its own. */
export interface TestClientOptions extends TestConnectionOptions {
  /**
   * Headers for every request.
   * @default []
   */
  readonly headers?: HeadersLike;
  /**
   * Whether cookies that responses set are kept, and sent with the requests after them.
   * @default true
   */
  readonly useCookies?: boolean;
  /**
   * Whether redirects are followed, unless the request says otherwise.
   * @default false
   */
  readonly followRedirects?: boolean;
}

/** The largest number of redirects that are followed. */
const mostRedirects = 20;

/**
 * Sends requests to an application without sockets, for tests. The rules are those of a connection: backpressure, and
 * that a request is cancelled if its client leaves.
 *
 * @example
 * const app = new Pottle(import.meta);
 * app.post("/todos", async (_, request) => ({ got: await request.json() }));
 * const response = await app.testClient().post("/todos", { json: { title: "write a test" } });
 * console.log(response.status, response.text()); // 200 {"got":{"title":"write a test"}}
 */
export class TestClient implements AsyncDisposable {
  readonly #app: Application;
  readonly #headers: HeaderList;
  readonly #usesCookies: boolean;
  readonly #followsRedirects: boolean;
  readonly #connection: TestConnectionOptions;
  readonly #serverName: string;
  /** The cookies that are sent with each request, unless it has its own. */
  readonly cookies: CookieJar = new CookieJar();

  /** @internal Use `app.testClient()`. */
  constructor(app: Application, options: TestClientOptions, serverName = "localhost") {
    const { headers, useCookies = true, followRedirects = false, ...connection } = options;
    checkConnection(connection);
    this.#app = app;
    this.#headers = new HeaderList(headers);
    this.#usesCookies = useCookies;
    this.#followsRedirects = followRedirects;
    this.#connection = connection;
    this.#serverName = serverName;
  }

  /** Runs the start functions of the application's lifespan, which no request does by itself. */
  async start(): Promise<this> {
    await this.#app.lifespan?.start();
    return this;
  }

  /** Runs the stop functions of the application's lifespan, if it was started. */
  async stop(): Promise<void> {
    await this.#app.lifespan?.stop();
  }

  /** Stops the application. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Sends a GET request and waits until it is over. */
  get(path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.request("GET", path, options);
  }

  /** Sends a HEAD request and waits until it is over. */
  head(path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.request("HEAD", path, options);
  }

  /** Sends a POST request and waits until it is over. */
  post(path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.request("POST", path, options);
  }

  /** Sends a PUT request and waits until it is over. */
  put(path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.request("PUT", path, options);
  }

  /** Sends a PATCH request and waits until it is over. */
  patch(path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.request("PATCH", path, options);
  }

  /** Sends a DELETE request and waits until it is over. */
  delete(path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.request("DELETE", path, options);
  }

  /** Sends an OPTIONS request and waits until it is over. */
  options(path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.request("OPTIONS", path, options);
  }

  /**
   * Sends a request and waits until it is over: the response is there, and every task that it started has ended.
   *
   * @throws {ResponseAborted} If the application failed in the middle of its response.
   * @throws {TypeError} If a redirect that is followed leads to another host, or its body was a stream and is to be sent
   *   again; or if it has `streamsBody`, which is for {@link open}.
   * @throws {RangeError} If there are more than 20 redirects.
   */
  async request(method: string, path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    if (options.streamsBody === true) throw wrongType("wait for the response", "'streamsBody' is for open()", true);
    let response = await this.open(method, path, options).response();
    if (!(options.followRedirects ?? this.#followsRedirects)) return response;
    let request: SentRequest = { method, path, options: { ...this.#connection, ...options } };
    for (let count = 0; ; count++) {
      const host = this.#headersOf(request.options).get("host") ?? this.#serverName;
      const next = redirectedRequest(request, response, host);
      if (next === undefined) return response;
      if (count === mostRedirects)
        throw new RangeError(`Cannot follow more than ${mostRedirects} redirects to ${path}`);
      request = next;
      response = await this.open(next.method, next.path, next.options).response();
    }
  }

  /**
   * Asks for a WebSocket. It does not wait, so that the test can leave before the view has accepted.
   *
   * @example
   * const app = new Pottle(import.meta);
   * app.websocket("/sum", async (_, socket) => {
   *   for (let sum = 0; ; ) await socket.sendJson((sum += await socket.receiveJson<number>()));
   * });
   * await using socket = app.testClient().websocket("/sum");
   * await socket.sendJson(1);
   * await socket.sendJson(2);
   * console.log(await socket.receiveJson(), await socket.receiveJson()); // 1 3
   */
  websocket(path: string, options: TestWebSocketOptions = {}): TestWebSocket {
    const target = toTarget(path, options.query);
    const all = this.#withConnection(options);
    const headers = this.#headersWithCookies(target, all);
    return new TestWebSocket(this.#app, target, { ...all, headers }, this.#keepCookiesOf(target, all));
  }

  /**
   * Sends a request and does not wait, so that the test can read the response in pieces, or leave.
   *
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/data", () => sleep(60_000, "never"));
   * const call = app.testClient().open("GET", "/data");
   * call.disconnect();
   * console.log((await call.over()).outcome.kind); // cancelled
   */
  open(method: string, path: string, options: TestRequestOptions = {}): TestCall {
    const target = toTarget(path, options.query);
    const { query: _, ...rest } = options;
    const all = this.#withConnection(rest);
    const headers = this.#headersWithCookies(target, all);
    return new TestCall(this.#app, method, target, { ...all, headers }, this.#keepCookiesOf(target, all));
  }

  /**
   * Changes the session that the client has: for a test that begins with a user who is logged in, or with something in the
   * cart. In the function, `session()`, `loginUser()`, `flash()` and the like work as in a view; what it has changed is
   * saved, and its cookie kept. Returns what the function returns. If it throws, nothing is saved.
   *
   * @param path The path of which the cookies are sent.
   * @default "/" (path)
   * @throws {InvalidStateError} If the application has no sessions, or the client keeps no cookies.
   * @throws {TypeError} If `fn` is not a function.
   * @example
   * const app = new Pottle(import.meta);
   * sessions(app, { secretKey: "a long random secret" });
   * app.get("/", () => ({ items: session().get("items") }));
   * const client = app.testClient();
   * await client.sessionTransaction((session) => void session.set("items", 3));
   * console.log((await client.get("/")).text()); // {"items":3}
   * @see https://flask.palletsprojects.com/en/stable/testing/#accessing-and-modifying-the-session
   */
  async sessionTransaction<T>(fn: (session: Session) => T | PromiseLike<T>, path = "/"): Promise<T> {
    option("change the session", "fn", fn).function();
    if (!this.#usesCookies) {
      throw new InvalidStateError("Cannot change the session as the client must keep cookies: 'useCookies' is false");
    }
    const { runSessionTransaction } = await import("../sessions/session-transaction.ts");
    const target = toTarget(path);
    const { raw: rawHeaders } = this.#headersWithCookies(target, this.#connection);
    const exchange = new MemoryExchange({ ...this.#connection, target, rawHeaders });
    const { result, headers } = await runSessionTransaction(this.#app, exchange, fn);
    this.#keepCookiesOf(target, this.#connection)({ status: 200, headers });
    return result;
  }

  #withConnection<Options extends TestConnectionOptions>(own: Options): Options & TestConnectionOptions {
    checkConnection(own);
    return { ...this.#connection, ...own };
  }

  #headersOf(options: TestConnectionOptions & { readonly headers?: HeadersLike }): HeaderList {
    return connectionHeaders(options.headers, this.#headers, options, this.#serverName);
  }

  /** Keeps the cookies that an answer sets. */
  #keepCookiesOf(target: string, { basePath = "" }: TestConnectionOptions): (head: ResponseHead) => void {
    return (head) => {
      if (!this.#usesCookies) return;
      const { path } = splitTarget(target);
      this.cookies.store(new HeaderList(head.headers).getAll("set-cookie"), encodeURI(basePath) + path);
    };
  }

  #headersWithCookies(target: string, options: TestConnectionOptions & { readonly headers?: HeadersLike }): HeaderList {
    const headers = this.#headersOf(options);
    if (!this.#usesCookies || this.cookies.size === 0) return headers;
    const given = headers.getAll("cookie");
    const names = new Set([...parseCookies(given.join("; "))].map(([name]) => name));
    const path = encodeURI(options.basePath ?? "") + splitTarget(target).path;
    const more = this.cookies.header(path, names);
    if (more !== "") headers.set("Cookie", [...given, more].join("; "));
    return headers;
  }
}
