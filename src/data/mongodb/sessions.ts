// A find that is cancelled while its first reply is under way may leave a cursor on the server whose number is not
// known. So each query has a session of its own, by whose number the server ends everything that belongs to it: what it
// still executes, and the cursors that it opened.

import { noop } from "../../base/noop.ts";
import { settleTimeout } from "../shared/call-driver.ts";
import type { DriverClient, DriverSession } from "./_driver.ts";

// Their reads need not follow upon each other.
const plain = { causalConsistency: false };

/** @internal The sessions of a client's queries. */
export class Sessions {
  readonly #client: () => DriverClient | undefined;
  readonly #killing = new Set<Promise<void>>();
  /** Whether the server has sessions: known when the client has connected. */
  isSupported = false;

  /** @param client - Gives the driver's client, as long as it is open. */
  constructor(client: () => DriverClient | undefined) {
    this.#client = client;
  }

  /** A session for one query; `undefined` if the server has none. To be called outside of any scope. */
  start(): DriverSession | undefined {
    return this.isSupported ? this.#client()?.startSession(plain) : undefined;
  }

  /** Gives a session back whose query is over. */
  end(session: DriverSession | undefined): void {
    // It can only fail where there is a transaction to be aborted.
    session?.endSession().catch(noop);
  }

  /** Ends on the server what a session has begun, in the background. To be called outside of any scope. */
  kill(session: DriverSession): void {
    const killing = this.#kill(session).finally(() => this.#killing.delete(killing));
    this.#killing.add(killing);
  }

  /** Waits for what is being ended, but not for a server that does not answer. */
  async settle(): Promise<void> {
    if (this.#killing.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, settleTimeout)));
    await Promise.race([Promise.all(this.#killing), tooLate]);
    clearTimeout(timer);
  }

  // Where that fails, the server ends the cursors itself, when they were not used for ten minutes.
  async #kill(session: DriverSession): Promise<void> {
    const command = { killSessions: [session.id] };
    await this.#client()
      ?.db("admin")
      .command(command, {})
      .catch(() => undefined);
    await session.endSession();
  }
}
