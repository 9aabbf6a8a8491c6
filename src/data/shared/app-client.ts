// The common part of the database clients: when they are open, and what closes them. A client from `connect()` is
// closed with the scope in which it was opened. A client from `redis(app)` or `mongodb(app)` is closed with the
// application, which may open it again.

import { closeWithScope, type FiguresSource, InvalidStateError, publishFigures } from "../../asyncio/index.ts";
import type { LifespanHooks } from "../../http/index.ts";

/** @internal A client that can be opened, closed, and opened again. */
export interface AppClient extends FiguresSource {
  /** @internal The open or closed state of the client. */
  readonly lifetime: ClientLifetime;
  /** @internal Connects. */
  open(): Promise<void>;
  /** Closes all connections. It may be called more than once. */
  close(): Promise<void>;
}

/** @internal Whether a client is open, and the registrations that must be removed when it is closed. */
export class ClientLifetime {
  readonly #subject: string;
  readonly #figures: string;
  #isOpen = false;
  #whyNot = "was not opened";
  #withdraw: (() => void) | undefined;
  #forget: (() => void) | undefined;

  /**
   * @param subject - The name of the client in messages: `the client of Redis`.
   * @param figures - The name under which its statistics are published.
   */
  constructor(subject: string, figures: string) {
    this.#subject = subject;
    this.#figures = figures;
  }

  /** Whether the client is open. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Closes the client when the scope of the caller ends, if it is still open then.
   *
   * @throws {InvalidStateError} If that scope has ended.
   */
  closeWithCaller(client: AppClient): void {
    this.#forget = closeWithScope(() => client.close());
  }

  /** Marks the client as open, and publishes its statistics. */
  begin(client: FiguresSource): void {
    this.#isOpen = true;
    this.#withdraw = publishFigures(this.#figures, client);
  }

  /** Marks the client as closed. Returns whether it was open. */
  end(): boolean {
    this.#forget?.();
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.#whyNot = "was closed";
    this.#withdraw?.();
    return true;
  }

  /** @throws {InvalidStateError} If the client is not open: `Cannot use GET as the client of Redis was closed`. */
  requireOpen(what: string): void {
    if (!this.#isOpen) throw new InvalidStateError(`Cannot use ${what} as ${this.#subject} ${this.#whyNot}`);
  }
}

/** @internal Opens a client that belongs to the scope of the caller. */
export async function openForCaller<C extends AppClient>(client: C): Promise<C> {
  client.lifetime.closeWithCaller(client);
  try {
    await client.open();
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** @internal Opens a client before the application's first request, and closes it after the last one. */
export function openWithApp<C extends AppClient>(app: LifespanHooks, client: C): C {
  app.onStart(() => client.open());
  app.onStop(() => client.close());
  return client;
}

/** @internal The server's URL: the given one, else that of the environment variable, else the usual one. */
export function urlOf(given: string | undefined, variable: string, usual: string): string {
  return given ?? (process.env[variable] || usual);
}
