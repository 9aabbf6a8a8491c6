import { callDriver } from "../shared/call-driver.ts";
import { BlockingCall } from "./blocking-call.ts";
import { Wire } from "./wire.ts";
import { decodeReply } from "./read-reply.ts";
import type { Request } from "./request.ts";
import type { RedisSettings } from "./settings.ts";

// The maximum number of idle connections that are kept.
const kept = 4;

interface Entry {
  readonly wire: Wire;
  readonly id: number;
}

/**
 * @internal The connections of blocking commands. Each command has its own connection, because any other command on it
 * would have to wait behind the blocking one.
 */
export class BlockingWires {
  readonly #settings: RedisSettings;
  readonly #control: () => Promise<Wire>;
  readonly #all = new Set<Wire>();
  #idle: Entry[] = [];
  #reason: Error | undefined;

  /** @param control - Returns a connection for CLIENT UNBLOCK. */
  constructor(settings: RedisSettings, control: () => Promise<Wire>) {
    this.#settings = settings;
    this.#control = control;
  }

  /** The number of connections, and how many of them are idle. */
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

  /** Ends all connections. */
  destroy(reason: Error): void {
    this.#reason = reason;
    this.#idle = [];
    for (const wire of this.#all) wire.destroy(reason);
  }

  // A connection that has just been lost may still be in the list, so it is skipped.
  #takeIdle(): Entry | undefined {
    this.#idle = this.#idle.filter(({ wire }) => wire.isLive);
    return this.#idle.pop();
  }

  // Opens a connection. If the caller is cancelled meanwhile, the connection is kept for the next command.
  #dialled(): Promise<Entry> {
    const resource = { kind: "redis connection", name: this.#settings.address };
    return callDriver(resource, () => this.#dial(), { onLate: (entry) => this.#release(entry) });
  }

  async #dial(): Promise<Entry> {
    const wire = await Wire.dial(this.#settings, (made) => this.#adopt(made));
    try {
      return { wire, id: Number(await wire.send({ name: "CLIENT", args: ["ID"], binary: false })) };
    } catch (error) {
      // The user may not be allowed to send CLIENT ID; then the connection cannot be used.
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
