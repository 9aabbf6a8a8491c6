import type { Peer } from "./application.ts";
import { ClientDisconnected } from "./errors.ts";

/** Whether the client of an exchange has left, and who is to hear of it. */
export class Departure {
  readonly #started: number = performance.now();
  #listeners: ((reason: ClientDisconnected) => void)[] | undefined;
  #reason: ClientDisconnected | undefined;

  /** How many milliseconds the exchange is old. */
  get elapsed(): number {
    return performance.now() - this.#started;
  }

  /** That it left; `undefined` if it has not. */
  get reason(): ClientDisconnected | undefined {
    return this.#reason;
  }

  /** Registers a function to be called when the client leaves; calls it if it has. */
  listen(listener: (reason: ClientDisconnected) => void): void {
    if (this.#reason === undefined) (this.#listeners ??= []).push(listener);
    else listener(this.#reason);
  }

  /** Says that the client left, once. */
  leave(peer: Peer | undefined): ClientDisconnected {
    if (this.#reason !== undefined) return this.#reason;
    const reason = new ClientDisconnected(peer, this.elapsed);
    this.#reason = reason;
    for (const listener of this.#listeners ?? []) listener(reason);
    this.#listeners = undefined;
    return reason;
  }
}
