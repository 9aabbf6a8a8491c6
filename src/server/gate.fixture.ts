import { cancellationOf, Event } from "../asyncio/index.ts";
import type { Application, Exchange } from "../http/index.ts";

/** An application whose requests wait until they are released. */
export class Gate implements Application {
  readonly entered: Event = new Event();
  readonly open: Event = new Event();
  /** Why a request was cancelled that waited. */
  reason: unknown;
  readonly #body: string | undefined;

  /** @param body - What it answers with. @default the target */
  constructor(body?: string) {
    this.#body = body;
  }

  readonly handle = async (exchange: Exchange): Promise<void> => {
    this.entered.set();
    try {
      await this.open.wait();
    } catch (error) {
      this.reason = cancellationOf(error)?.reason;
      throw error;
    }
    await exchange.respond(200, [], this.#body ?? exchange.target);
  };
}
