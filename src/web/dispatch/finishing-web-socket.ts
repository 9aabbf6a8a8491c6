import {
  type AcceptOptions,
  dismissBody,
  HeaderList,
  type RawHeaders,
  type ResponseBody,
  type WebSocketConnection,
  WrappedWebSocket,
} from "../../http/index.ts";
import type { ResponseFinisher } from "../message/context.ts";
import { runFinishers } from "../message/run-finishers.ts";

/** A WebSocket whose answer gets headers from finishers, be it accepted or refused, right before its head is sent. */
export class FinishingWebSocket extends WrappedWebSocket {
  readonly #finishersOf: () => ResponseFinisher[] | undefined;

  /** @param finishersOf - Gives the list of the request, if there is one. One that fails is removed from it. */
  constructor(inner: WebSocketConnection, finishersOf: () => ResponseFinisher[] | undefined) {
    super(inner, {});
    this.#finishersOf = finishersOf;
  }

  override async accept(options: AcceptOptions = {}): Promise<void> {
    const finishers = this.#finishersOf();
    if (finishers === undefined || this.responded) return await super.accept(options);
    const headers = new HeaderList(options.headers);
    await runFinishers(finishers, headers);
    await super.accept({ ...options, headers: headers.raw });
  }

  override async reject(status: number, headers: RawHeaders = [], body?: ResponseBody): Promise<void> {
    const finishers = this.#finishersOf();
    if (finishers === undefined || this.responded) return await super.reject(status, headers, body);
    const list = new HeaderList(headers);
    try {
      await runFinishers(finishers, list);
    } catch (error) {
      if (body !== undefined) await dismissBody(body);
      throw error;
    }
    await super.reject(status, list.raw, body);
  }
}
