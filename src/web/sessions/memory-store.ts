import { outside } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { startTimer } from "../../base/platform-timer.ts";
import type { SessionStore } from "./session-store.ts";

/** Options of {@link MemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /** The most sessions that are kept: beyond it, the one that was not written for longest is dropped. @default 100_000 */
  readonly maxSessions?: number;
}

interface Entry {
  text: string;
  /** When it is over, in milliseconds since 1970. */
  end: number;
}

/** The least time, in milliseconds, between two searches for sessions that are over. */
const sweepInterval = 1_000;

/**
 * Keeps sessions in the memory of this process: for tests, development, and applications of one process whose users may log
 * in again after a restart.
 *
 * @example
 * const app = new Pottle(import.meta);
 * sessions(app, { secretKey: "a long random secret", store: new MemorySessionStore() });
 */
export class MemorySessionStore implements SessionStore {
  readonly #maxSessions: number;
  // The one that was written last stands last.
  readonly #entries = new Map<string, Entry>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @throws {RangeError} If `maxSessions` is not a whole number from 1.
   * @throws {TypeError} If `maxSessions` is not a number.
   */
  constructor(options: MemorySessionStoreOptions = {}) {
    const { maxSessions = 100_000 } = options;
    this.#maxSessions = option("make a store of sessions", "maxSessions", maxSessions).count({ from: 1 });
  }

  /** Current counts, for monitoring. */
  statistics(): { readonly sessions: number } {
    return { sessions: this.#entries.size };
  }

  // The methods are async so that every store can be replaced by another; nothing is awaited.
  async load(id: string): Promise<string | undefined> {
    return this.#current(id)?.text;
  }

  async create(id: string, text: string, lifetime: number): Promise<void> {
    this.#write(id, text, lifetime);
  }

  async replace(id: string, text: string, lifetime: number): Promise<boolean> {
    const exists = this.#current(id) !== undefined;
    if (exists) this.#write(id, text, lifetime);
    return exists;
  }

  async touch(id: string, lifetime: number): Promise<void> {
    const entry = this.#current(id);
    if (entry !== undefined) this.#write(id, entry.text, lifetime);
  }

  async delete(id: string): Promise<void> {
    this.#entries.delete(id);
    if (this.#entries.size === 0) this.#stopTimer();
  }

  #current(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    return entry !== undefined && entry.end > Date.now() ? entry : undefined;
  }

  #write(id: string, text: string, lifetime: number): void {
    this.#entries.delete(id);
    this.#entries.set(id, { text, end: Date.now() + lifetime });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxSessions && oldest !== undefined) this.#entries.delete(oldest);
    this.#timer ??= startTimer(outside, lifetime, () => this.#sweep());
  }

  // It may come early for sessions that were touched: it finds when the next one is over, and waits until then.
  #sweep(): void {
    this.#stopTimer();
    const now = Date.now();
    let next = Infinity;
    for (const [id, { end }] of this.#entries) {
      if (end <= now) this.#entries.delete(id);
      else next = Math.min(next, end);
    }
    if (next === Infinity) return;
    this.#timer = startTimer(outside, Math.max(next - now, sweepInterval), () => this.#sweep());
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
