// If a query is cancelled before its first reply has arrived, a cursor may remain on the server whose number is
// unknown. So each query has a session of its own. By the number of the session, the server ends everything that
// belongs to it: running operations and open cursors.

import { noop } from "../../base/noop.ts";
import { settleTimeout } from "../shared/call-driver.ts";
import type { DriverClient, DriverSession } from "./_driver.ts";

// A query need not see the effects of the previous one.
const plain = { causalConsistency: false };

/** @internal The sessions of a client's queries. */
export class Sessions {
  readonly #client: () => DriverClient | undefined;
  readonly #killing = new Set<Promise<void>>();
  /** Whether the server supports sessions. This is known when the client has connected. */
  isSupported = false;

  /** @param client - Returns the driver's client while it is open. */
  constructor(client: () => DriverClient | undefined) {
    this.#client = client;
  }

  /** A session for one query; `undefined` if the server has none. Must be called outside any scope. */
  start(): DriverSession | undefined {
    return this.isSupported ? this.#client()?.startSession(plain) : undefined;
  }

  /** Releases the session of a query that has ended. */
  end(session: DriverSession | undefined): void {
    // This can only fail if a transaction must be aborted, and there is none.
    session?.endSession().catch(noop);
  }

  /** Ends everything of a session on the server, in the background. Must be called outside any scope. */
  kill(session: DriverSession): void {
    const killing = this.#kill(session).finally(() => this.#killing.delete(killing));
    this.#killing.add(killing);
  }

  /** Waits for calls of {@link kill}, but not longer than 200 ms. */
  async settle(): Promise<void> {
    if (this.#killing.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, settleTimeout)));
    await Promise.race([Promise.all(this.#killing), tooLate]);
    clearTimeout(timer);
  }

  // If the command fails, the server closes the cursors after ten minutes without use.
  async #kill(session: DriverSession): Promise<void> {
    const command = { killSessions: [session.id] };
    await this.#client()
      ?.db("admin")
      .command(command, {})
      .catch(() => undefined);
    await session.endSession();
  }
}
