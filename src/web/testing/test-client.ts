import { HeaderList, type HeadersLike, type Application } from "../../http/index.ts";
import { TestCall, type TestRequestOptions } from "./test-call.ts";
import type { TestResponse } from "./test-response.ts";

/** Options of a test client. */
export interface TestClientOptions {
  /**
   * Headers for every request.
   * @default []
   */
  readonly headers?: HeadersLike;
}

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

  /** @internal Use `app.testClient()`. */
  constructor(app: Application, options: TestClientOptions) {
    this.#app = app;
    this.#headers = new HeaderList(options.headers);
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
   */
  request(method: string, path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.open(method, path, options).response();
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
    const headers = new HeaderList(options.headers);
    for (const [name, value] of this.#headers) if (!headers.has(name)) headers.append(name, value);
    return new TestCall(this.#app, method, path, { ...options, headers });
  }
}
