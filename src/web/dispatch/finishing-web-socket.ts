import {
  type AcceptOptions,
  dismissBody,
  type RawHeaders,
  type ResponseBody,
  type WebSocketConnection,
  WrappedWebSocket,
} from "../../http/index.ts";
import type { ResponseFinisher } from "../message/context.ts";
import { finishHeaders } from "./finish-headers.ts";

/** A WebSocket whose answer, be it accepted or rejected, gets headers from finishers: one that is passed to a mount. */
export class FinishingWebSocket extends WrappedWebSocket {
  readonly #finishers: ResponseFinisher[];

  /** @param finishers - The list of the request. */
  constructor(inner: WebSocketConnection, finishers: ResponseFinisher[]) {
    super(inner, {});
    this.#finishers = finishers;
  }

  override async accept(options: AcceptOptions = {}): Promise<void> {
    const headers = await finishHeaders(this.#finishers, options.headers ?? []);
    await super.accept({ ...options, headers });
  }

  override async reject(status: number, headers: RawHeaders = [], body?: ResponseBody): Promise<void> {
    let finished: RawHeaders;
    try {
      finished = await finishHeaders(this.#finishers, headers);
    } catch (error) {
      if (body !== undefined) await dismissBody(body);
      throw error;
    }
    await super.reject(status, finished, body);
  }
}
