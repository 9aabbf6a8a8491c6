import type { SessionStore } from "./session-store.ts";

/** A client of Redis, as far as sessions need it: that of `pottle/redis`. */
export interface RedisExecutor {
  /** Sends a command and returns the reply. */
  execute(command: string, ...args: (string | number)[]): Promise<unknown>;
}

/** Options of {@link RedisSessionStore}. */
export interface RedisSessionStoreOptions {
  /** The beginning of the keys. @default "session:" */
  readonly prefix?: string;
}

/**
 * Keeps sessions in Redis, each under a key of its own that expires with it.
 *
 * @example
 * ```ts no-run
 * const app = new Pottle(import.meta);
 * const store = new RedisSessionStore(redis(app, { url: "redis://localhost" }));
 * sessions(app, { secretKey: "a long random secret", store });
 * ```
 */
export class RedisSessionStore implements SessionStore {
  readonly #redis: RedisExecutor;
  readonly #prefix: string;

  constructor(redis: RedisExecutor, options: RedisSessionStoreOptions = {}) {
    this.#redis = redis;
    this.#prefix = options.prefix ?? "session:";
  }

  async load(id: string): Promise<string | undefined> {
    const text = await this.#redis.execute("GET", this.#prefix + id);
    return typeof text === "string" ? text : undefined;
  }

  async create(id: string, text: string, lifetime: number): Promise<void> {
    await this.#redis.execute("SET", this.#prefix + id, text, "PX", Math.ceil(lifetime));
  }

  async replace(id: string, text: string, lifetime: number): Promise<boolean> {
    const reply = await this.#redis.execute("SET", this.#prefix + id, text, "PX", Math.ceil(lifetime), "XX");
    return reply !== null;
  }

  async touch(id: string, lifetime: number): Promise<void> {
    await this.#redis.execute("PEXPIRE", this.#prefix + id, Math.ceil(lifetime));
  }

  async delete(id: string): Promise<void> {
    await this.#redis.execute("DEL", this.#prefix + id);
  }
}
