import { currentScope, type Resource, type Scope, type Task, WaitQueue } from "../../asyncio/index.ts";
import { ConnectionBusyError, ConnectionClosedError } from "./errors.ts";
import type { Session } from "./session.ts";

/** @internal Where sessions are had from, each for as long as it takes: a pool, or a single connection. */
export interface SessionSource {
  /** Takes one; a promise only if it has to be waited for. */
  take(): Session | Promise<Session>;
  /** Gives it back. */
  give(session: Session): void;
}

// By a task, or a scope within one.
const held: WeakMap<object, Set<SessionSource>> = new WeakMap();

/**
 * @internal Notes that the code of `holder` has what `source` has, and so must not wait for it.
 *
 * @returns A function that takes the note back.
 */
export function markHolder(holder: Task<unknown> | Scope, source: SessionSource): () => void {
  const sources = held.get(holder) ?? new Set();
  held.set(holder, sources.add(source));
  return () => void sources.delete(source);
}

function isHolder(source: SessionSource): boolean {
  for (let scope: Scope | undefined = currentScope(); scope !== undefined; scope = scope.parent) {
    if (held.get(scope)?.has(source)) return true;
    if (scope.task !== undefined && held.get(scope.task)?.has(source)) return true;
  }
  return false;
}

/** @internal The one session of a connection or a transaction: whoever comes second waits in line. */
export class SingleSession implements SessionSource {
  readonly #session: Session;
  readonly #name: string;
  readonly #line = new WaitQueue<Session>();
  readonly #resource: Resource = { kind: "postgres connection", holder: () => this.#holder };
  #holder: Task<unknown> | undefined;
  #isFree = true;
  #isOver = false;

  /** @param name - What uses it: "connection". */
  constructor(session: Session, name: string) {
    this.#session = session;
    this.#name = name;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Whether it is taken. */
  get isTaken(): boolean {
    return !this.#isFree;
  }

  take(): Session | Promise<Session> {
    if (this.#isOver) throw this.#makeOver();
    if (this.#isFree) {
      this.#isFree = false;
      this.#holder = currentScope().task;
      return this.#session;
    }
    if (isHolder(this)) throw this.#makeBusy();
    return this.#wait();
  }

  #wait(): Promise<Session> {
    return this.#line.wait(this.#resource, { giveBack: (session) => this.give(session) });
  }

  give(session: Session): void {
    const served = this.#line.serve(session);
    this.#holder = served?.scope.task;
    this.#isFree = served === undefined;
  }

  /** Refuses whoever waits, and whoever comes. */
  end(): void {
    this.#isOver = true;
    this.#line.failAll(() => this.#makeOver());
  }

  /** Waits for whoever still has it after the end. */
  async untilFree(): Promise<void> {
    if (!this.#isFree) await this.#wait();
  }

  #makeBusy(): ConnectionBusyError {
    return new ConnectionBusyError(
      `Cannot use this ${this.#name} here as the transaction or stream around this code has it: use the transaction, or a pool`,
    );
  }

  #makeOver(): ConnectionClosedError {
    return new ConnectionClosedError(`Cannot use a ${this.#name} after its end`);
  }
}
