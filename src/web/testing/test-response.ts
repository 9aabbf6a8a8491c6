import type { HeaderList, RequestOutcome } from "../../http/index.ts";
import { EventStreamParser, type ReceivedEvent } from "../events/event-stream-parser.ts";

/** A whole response, as a test client gets it. */
export class TestResponse {
  /** The status. */
  readonly status: number;
  /** The headers. */
  readonly headers: HeaderList;
  /** How the request ended, with the error of a view that failed. */
  readonly outcome: RequestOutcome;
  readonly #body: Uint8Array;

  /** @internal Made by the test client. */
  constructor(status: number, headers: HeaderList, body: Uint8Array, outcome: RequestOutcome) {
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

  /** The events of the body, as an `EventSource` would hand them to its listeners. */
  events(): ReceivedEvent[] {
    return new EventStreamParser().push(this.#body);
  }
}
