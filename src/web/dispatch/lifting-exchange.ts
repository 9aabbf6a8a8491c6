import {
  type Exchange,
  type RawHeaders,
  type RespondOptions,
  type ResponseBody,
  WrappedExchange,
} from "../../http/index.ts";
import { EndlessBody } from "../events/endless.ts";
import type { Deadline } from "./deadline.ts";

/** An exchange for a mounted application: a response that has no end of its own lifts the time limit of the outer one. */
export class LiftingExchange extends WrappedExchange {
  readonly #deadline: Deadline;

  constructor(inner: Exchange, deadline: Deadline) {
    super(inner, {});
    this.#deadline = deadline;
  }

  override respond(status: number, headers: RawHeaders, body?: ResponseBody, options?: RespondOptions): Promise<void> {
    if (body instanceof EndlessBody) this.#deadline.lift();
    return super.respond(status, headers, body, options);
  }
}
