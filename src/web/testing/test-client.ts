import { type Application, HeaderList, type HeadersLike, parseCookies, splitTarget } from "../../http/index.ts";
import { CookieJar } from "./cookie-jar.ts";
import { redirectedRequest } from "./redirected-request.ts";
import { TestCall, type TestRequestOptions, toTarget } from "./test-call.ts";
import type { TestResponse } from "./test-response.ts";
import { TestWebSocket, type TestWebSocketOptions } from "./test-web-socket.ts";

/** Options of a test client. */
export interface TestClientOptions {
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
  /** The cookies that are sent with each request, unless it has its own. */
  readonly cookies: CookieJar = new CookieJar();

  /** @internal Use `app.testClient()`. */
  constructor(app: Application, options: TestClientOptions) {
    this.#app = app;
    this.#headers = new HeaderList(options.headers);
    this.#usesCookies = options.useCookies ?? true;
    this.#followsRedirects = options.followRedirects ?? false;
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
   *   again.
   * @throws {RangeError} If there are more than 20 redirects.
   */
  async request(method: string, path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    let response = await this.open(method, path, options).response();
    if (!(options.followRedirects ?? this.#followsRedirects)) return response;
    let request = { method, path, options };
    for (let count = 0; ; count++) {
      const next = redirectedRequest(request, response);
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
    return new TestWebSocket(this.#app, target, { ...options, headers: this.#headersFor(target, options.headers) });
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
    const headers = this.#headersFor(target, options.headers);
    const { query: _, ...rest } = options;
    return new TestCall(this.#app, method, target, { ...rest, headers }, (head) => {
      if (!this.#usesCookies) return;
      this.cookies.store(new HeaderList(head.headers).getAll("set-cookie"), splitTarget(target).path);
    });
  }

  #headersFor(target: string, own: HeadersLike | undefined): HeaderList {
    const headers = new HeaderList(own);
    for (const [name, value] of this.#headers) if (!headers.has(name)) headers.append(name, value);
    if (!this.#usesCookies || this.cookies.size === 0) return headers;
    const given = headers.getAll("cookie");
    const names = new Set([...parseCookies(given.join("; "))].map(([name]) => name));
    const more = this.cookies.header(splitTarget(target).path, names);
    if (more !== "") headers.set("Cookie", [...given, more].join("; "));
    return headers;
  }
}
