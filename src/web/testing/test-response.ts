import type { HeaderList, RequestOutcome } from "../../http/index.ts";
import { EventStreamParser, type ReceivedEvent } from "../events/event-stream-parser.ts";
import type { KeptContext } from "./_kept-context.ts";

/** A whole response, as a test client gets it. */
export class TestResponse {
  /** The status. */
  readonly status: number;
  /** The headers. */
  readonly headers: HeaderList;
  /** How the request ended, with the error of a view that failed. */
  readonly outcome: RequestOutcome;
  readonly #body: Uint8Array;
  readonly #context: KeptContext;

  /** @internal Made by the test client. */
  constructor(status: number, headers: HeaderList, body: Uint8Array, outcome: RequestOutcome, context: KeptContext) {
    this.#context = context;
    this.status = status;
    this.headers = headers;
    this.outcome = outcome;
    this.#body = body;
  }

  /** The body. */
  bytes(): Uint8Array {
    return this.#body;
  }

  /** The body as UTF-8 text. */
  text(): string {
    return new TextDecoder().decode(this.#body);
  }

  /** The body, parsed as JSON. @throws {SyntaxError} If it is not JSON. */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }

  /**
   * Runs a function as if the request were still being answered: `g()`, `session()`, `request()`, `currentUser()` and the
   * like are those of the request, for a test to look into. Of mounted applications it is the outer one. Returns what the
   * function returns.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {InvalidStateError} If the request did not reach the application, as one that a middleware answered.
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/", () => {
   *   g()["user"] = "ada";
   *   return "Hello";
   * });
   * const response = await app.testClient().get("/");
   * console.log(await response.inContext(() => g()["user"])); // ada
   * @see https://flask.palletsprojects.com/en/stable/testing/#using-context-variables
   */
  inContext<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    return this.#context.run(fn);
  }

  /** The events of the body, as an `EventSource` would hand them to its listeners. */
  events(): ReceivedEvent[] {
    return new EventStreamParser().push(this.#body);
  }
}
