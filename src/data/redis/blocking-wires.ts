import { callDriver } from "../shared/call-driver.ts";
import { BlockingCall } from "./blocking-call.ts";
import { Wire } from "./wire.ts";
import { decodeReply } from "./read-reply.ts";
import type { Request } from "./request.ts";
import type { RedisSettings } from "./settings.ts";

// The largest number of idle connections that are kept for the next commands.
const kept = 4;

interface Entry {
  readonly wire: Wire;
  readonly id: number;
}

/**
 * @internal The connections of commands that wait on the server: one each, as everything behind such a command on its
 * connection would wait with it.
 */
export class BlockingWires {
  readonly #settings: RedisSettings;
  readonly #control: () => Promise<Wire>;
  readonly #all = new Set<Wire>();
  #idle: Entry[] = [];
  #reason: Error | undefined;

  /** @param control - Gives a connection to end commands over. */
  constructor(settings: RedisSettings, control: () => Promise<Wire>) {
    this.#settings = settings;
    this.#control = control;
  }

  /** The number of connections, and of those that wait for a command. */
  get counts(): { readonly open: number; readonly idle: number } {
    return { open: this.#all.size, idle: this.#idle.length };
  }

  /** Runs a blocking command. */
  async run<T>(request: Request<T>): Promise<T> {
    const { wire, id } = this.#takeIdle() ?? (await this.#dialled());
    const release = (): void => this.#release({ wire, id });
    const longestSlice = this.#settings.pingInterval;
    const call = new BlockingCall({ wire, id, longestSlice, control: this.#control, release }, request);
    const reply = await call.run();
    return request.read(request.binary ? reply : decodeReply(reply), request.name);
  }

  /** Ends all of them. */
  destroy(reason: Error): void {
    this.#reason = reason;
    this.#idle = [];
    for (const wire of this.#all) wire.destroy(reason);
  }

  // One that has just been lost may not have been forgotten yet.
  #takeIdle(): Entry | undefined {
    this.#idle = this.#idle.filter(({ wire }) => wire.isLive);
    return this.#idle.pop();
  }

  // A connection whose first user was cancelled while it was dialled is there for the next.
  #dialled(): Promise<Entry> {
    const resource = { kind: "redis connection", name: this.#settings.address };
    return callDriver(resource, () => this.#dial(), { onLate: (entry) => this.#release(entry) });
  }

  async #dial(): Promise<Entry> {
    const wire = await Wire.dial(this.#settings, (made) => this.#adopt(made));
    try {
      return { wire, id: Number(await wire.send({ name: "CLIENT", args: ["ID"], binary: false })) };
    } catch (error) {
      // A user who may not ask for it gets no further with this connection.
      wire.destroy();
      throw error;
    }
  }

  #adopt(wire: Wire): void {
    this.#all.add(wire);
    void wire.ended.then(() => this.#forget(wire));
    if (this.#reason !== undefined) wire.destroy(this.#reason);
  }

  #forget(wire: Wire): void {
    this.#all.delete(wire);
    this.#idle = this.#idle.filter((entry) => entry.wire !== wire);
  }

  #release(entry: Entry): void {
    if (this.#reason === undefined && entry.wire.isLive && this.#idle.length < kept) this.#idle.push(entry);
    else entry.wire.destroy();
  }
}
