import {
  dismissBody,
  type Exchange,
  HeaderList,
  type RawHeaders,
  type RespondOptions,
  type ResponseBody,
  WrappedExchange,
} from "../../http/index.ts";
import type { ResponseFinisher } from "../message/context.ts";
import { runFinishers } from "../message/run-finishers.ts";

/** An exchange whose response gets headers from finishers, right before its head is sent. */
export class FinishingExchange extends WrappedExchange {
  readonly #finishers: ResponseFinisher[];

  /** @param finishers - The list of the request. One that fails is removed, so that an error page can be sent. */
  constructor(inner: Exchange, finishers: ResponseFinisher[]) {
    super(inner, {});
    this.#finishers = finishers;
  }

  override async respond(
    status: number,
    headers: RawHeaders,
    body?: ResponseBody,
    options?: RespondOptions,
  ): Promise<void> {
    const list = new HeaderList(headers);
    try {
      await runFinishers(this.#finishers, list);
    } catch (error) {
      if (body !== undefined) await dismissBody(body);
      throw error;
    }
    await super.respond(status, list.raw, body, options);
  }
}
