// A client that keeps cookies, as a browser does: for the tests of sessions and of what stands on them.

import type { Application } from "../../http/index.ts";
import { TestClient } from "../testing/test-client.ts";
import type { TestRequestOptions } from "../testing/test-call.ts";
import type { TestResponse } from "../testing/test-response.ts";

/** Sends requests with the cookies that the responses before have set. */
export class Browser {
  readonly cookies: Map<string, string> = new Map();
  /** Headers for every request. */
  readonly headers: Record<string, string> = {};
  readonly #client: TestClient;

  constructor(app: Application) {
    this.#client = new TestClient(app, {});
  }

  get(path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.send("GET", path, options);
  }

  post(path: string, options?: TestRequestOptions): Promise<TestResponse> {
    return this.send("POST", path, options);
  }

  async send(method: string, path: string, options: TestRequestOptions = {}): Promise<TestResponse> {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const own = cookie === "" ? {} : { cookie };
    const headers = { ...this.headers, ...own, ...(options.headers as Record<string, string> | undefined) };
    const response = await this.#client.request(method, path, { ...options, headers });
    for (const line of response.headers.getAll("set-cookie")) this.#keep(line);
    return response;
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ");
    const name = pair.slice(0, pair.indexOf("="));
    if (attributes.includes("Max-Age=0")) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(name.length + 1));
  }
}
