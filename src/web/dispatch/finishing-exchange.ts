import {
  dismissBody,
  type Exchange,
  type RawHeaders,
  type RespondOptions,
  type ResponseBody,
  WrappedExchange,
} from "../../http/index.ts";
import type { ResponseFinisher } from "../message/context.ts";
import { finishHeaders } from "./finish-headers.ts";

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
    let finished: RawHeaders;
    try {
      finished = await finishHeaders(this.#finishers, headers);
    } catch (error) {
      if (body !== undefined) await dismissBody(body);
      throw error;
    }
    await super.respond(status, finished, body, options);
  }
}
