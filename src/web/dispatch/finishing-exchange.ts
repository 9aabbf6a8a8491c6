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
      await this.#finish(list);
    } catch (error) {
      if (body !== undefined) await dismissBody(body);
      throw error;
    }
    await super.respond(status, list.raw, body, options);
  }

  async #finish(headers: HeaderList): Promise<void> {
    for (const finisher of this.#finishers) {
      try {
        const pending = finisher(headers);
        if (pending !== undefined) await pending;
      } catch (error) {
        this.#finishers.splice(this.#finishers.indexOf(finisher), 1);
        throw error;
      }
    }
  }
}
