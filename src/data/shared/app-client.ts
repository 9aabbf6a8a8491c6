// What the clients of databases have in common: when they are open, and who closes them. A client of `connect()` is
// closed with the scope that it was opened in, one of `redis(app)` or `mongodb(app)` with the application, which may open
// it again.

import { closeWithScope, type FiguresSource, InvalidStateError, publishFigures } from "../../asyncio/index.ts";
import type { LifespanHooks } from "../../http/index.ts";

/** @internal A client that can be opened and closed, and then opened again. */
export interface AppClient extends FiguresSource {
  /** @internal Whether it is open. */
  readonly lifetime: ClientLifetime;
  /** @internal Connects. */
  open(): Promise<void>;
  /** Closes all connections. May be called again. */
  close(): Promise<void>;
}

/** @internal Whether a client is open, and what has to be undone when it is closed. */
export class ClientLifetime {
  readonly #subject: string;
  readonly #figures: string;
  #isOpen = false;
  #whyNot = "was not opened";
  #withdraw: (() => void) | undefined;
  #forget: (() => void) | undefined;

  /**
   * @param subject - The client, as messages name it: `the client of Redis`.
   * @param figures - The name that its statistics are published under.
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
   * Has the client closed with the scope of the caller, at the latest.
   *
   * @throws {InvalidStateError} If that scope has ended.
   */
  closeWithCaller(client: AppClient): void {
    this.#forget = closeWithScope(() => client.close());
  }

  /** Says that the client is open, and publishes its statistics. */
  begin(client: FiguresSource): void {
    this.#isOpen = true;
    this.#withdraw = publishFigures(this.#figures, client);
  }

  /** Says that the client is closed. Returns whether it was open. */
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

/** @internal Has a client opened before an application's first request and closed after its last one. */
export function openWithApp<C extends AppClient>(app: LifespanHooks, client: C): C {
  app.onStart(() => client.open());
  app.onStop(() => client.close());
  return client;
}

/** @internal The server's URL: what was given, else that of the environment, else the usual one. */
export function urlOf(given: string | undefined, variable: string, usual: string): string {
  return given ?? (process.env[variable] || usual);
}
