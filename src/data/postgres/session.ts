// A session is one connection to the server: it answers one query at a time, and a cancelled query is cancelled on the
// server.
//
//   send ──────────────> answer, or error and "ready for the next" ──> the wait ends
//     └─ cancelled ──> request over a socket of its own ──> that is closed ─┐
//                 └──> the query itself ends ───────────────────────────────┴──> the wait ends
//
// Only when both are over can the request hit nothing else, so that the session may go to somebody else. (A driver that
// sends the request and goes on has it hit the next query, or has the next caller read the answer of the last one.)
// A request that overtakes its query finds nothing to cancel: it is sent again until the query ends. What cannot be
// asked, or does not end, costs the connection.

import { callExceptionHandler, type CancelledError, outside, type Park, park } from "../../asyncio/index.ts";
import { type CancelTarget, cancelTargetOf, requestCancel } from "./cancel-request.ts";
import type { PgClient, PgResult, TransactionStatus } from "./driver.ts";
import type { Query } from "./query.ts";

/** How long a cancelled query may go on before its connection is given up, in milliseconds. */
const stopLimit = 4_000;

/** How long after a request that changed nothing the next one is sent, in milliseconds; doubled each time. */
const firstPause = 20;

/** How long a connection may take to say goodbye, in milliseconds. */
const closeLimit = 1_000;

/** @internal What becomes of a query whose task is cancelled: it is cancelled as well, or only given a bound. */
export type Patience = "cancel" | "finish";

/** @internal Why a session failed a query: its `cause` is what the driver said. */
export class SessionLost extends Error {}

/** @internal One connection to the server. */
export class Session {
  readonly #client: PgClient;
  readonly #cancelTarget: CancelTarget;
  readonly #onLost: (session: Session) => void;
  #wait: Park<PgResult> | undefined;
  #patience: Patience = "cancel";
  /** Set once the task that waits was cancelled. */
  #cancellation: CancelledError | undefined;
  /** What the server said of the query, before it is ready for the next one. */
  #failure: Error | undefined;
  #isAnswered = false;
  #tellStopper: (() => void) | undefined;
  #transactionStatus: TransactionStatus = "I";
  #isLost = false;
  #lossCause: Error | undefined;

  /** @param client - It is connected. */
  constructor(client: PgClient, onLost: (session: Session) => void) {
    this.#client = client;
    this.#onLost = onLost;
    this.#cancelTarget = cancelTargetOf(client);
    client.on("error", (error) => this.#lose(error));
    client.on("end", () => this.#lose(undefined));
    client.connection.on("readyForQuery", ({ status }) => void (this.#transactionStatus = status));
  }

  /** Whether the connection is gone. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether it is busy with a query. */
  get isBusy(): boolean {
    return this.#wait !== undefined;
  }

  /** Whether it is in a transaction, as the server has said last. */
  get transactionStatus(): TransactionStatus {
    return this.#transactionStatus;
  }

  /** Sends a query; the one before must have been answered. */
  send(query: Query, patience: Patience = "cancel"): Promise<PgResult> {
    return park<PgResult>(query, (wait) => this.#start(query, wait, patience), {
      onCancel: (error, wait) => this.#interrupt(error, wait),
    });
  }

  #start(query: Query, wait: Park<PgResult>, patience: Patience): void {
    if (this.#isLost) return void wait.fail(this.#makeLost());
    this.#wait = wait;
    this.#patience = patience;
    query.isSent = true;
    this.#client.query(query.text, query.values, this.#answer);
  }

  // The same function for all queries, as there is one at a time. It may be called twice for one: of a query that could
  // not be sent the driver first tells the error, and then that it is over.
  readonly #answer = (error: Error | null | undefined, result?: PgResult | PgResult[]): void => {
    if (this.#wait === undefined || this.#failure !== undefined) return;
    if (error === null || error === undefined) return this.#settle(undefined, lastOf(result!));
    if (isFatal(error)) return this.#lose(error);
    if (this.#client.readyForQuery === true) return this.#settle(error);
    this.#failure = error;
    this.#client.connection.once("readyForQuery", () => this.#settle(error));
  };

  #settle(error: Error | undefined, result?: PgResult): void {
    const wait = this.#wait;
    if (wait === undefined) return;
    this.#failure = undefined;
    if (this.#cancellation !== undefined) {
      this.#isAnswered = true;
      this.#tellStopper?.();
      return;
    }
    this.#wait = undefined;
    if (error === undefined) wait.wake(result!);
    else wait.fail(error);
  }

  #interrupt(error: CancelledError, wait: Park<never>): void {
    const isFirst = this.#cancellation === undefined;
    this.#cancellation = error;
    if (wait.scope.isClosed) return this.destroy(); // nobody waits for it any longer
    if (isFirst) void outside(() => this.#stop());
  }

  async #stop(): Promise<void> {
    const limit = setTimeout(() => this.#giveUp(new Error(`It did not end within ${stopLimit} ms`)), stopLimit);
    try {
      if (this.#patience === "cancel") await this.#cancelUntilAnswered();
      else await this.#answered(Infinity);
    } catch (error) {
      this.#giveUp(error);
    } finally {
      clearTimeout(limit);
    }
    this.#endCancelled();
  }

  #giveUp(error: unknown): void {
    if (this.#isLost) return;
    reportRunningOn(error);
    this.#lose(undefined);
  }

  async #cancelUntilAnswered(): Promise<void> {
    for (let pause = firstPause; !this.#isAnswered && !this.#isLost; pause *= 2) {
      await requestCancel(this.#cancelTarget, stopLimit);
      await this.#answered(pause);
    }
  }

  #answered(ms: number): Promise<void> | undefined {
    if (this.#isAnswered || this.#isLost) return undefined;
    return new Promise((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(resolve, ms);
      this.#tellStopper = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #endCancelled(): void {
    const wait = this.#wait;
    const error = this.#cancellation;
    this.#wait = this.#cancellation = this.#tellStopper = undefined;
    this.#isAnswered = false;
    wait?.fail(error);
  }

  /** Breaks the connection off. What it was busy with fails, and is cancelled on the server, which would go on with it. */
  destroy(): void {
    if (this.isBusy) void outside(() => requestCancel(this.#cancelTarget, stopLimit)).catch(reportRunningOn);
    this.#lose(undefined);
  }

  #lose(cause: Error | undefined): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#lossCause = cause;
    const wait = this.#wait;
    this.#wait = undefined;
    this.#client.connection.stream.destroy();
    wait?.fail(this.#cancellation ?? this.#makeLost());
    this.#tellStopper?.();
    this.#onLost(this);
  }

  #makeLost(): SessionLost {
    return new SessionLost("lost", { cause: this.#lossCause });
  }

  /** Says goodbye to the server. Not to be interrupted: it has a bound of its own. */
  close(): Promise<void> {
    if (this.#isLost) return Promise.resolve();
    if (this.isBusy) {
      this.destroy();
      return Promise.resolve();
    }
    return outside(
      () =>
        new Promise((resolve) => {
          const timer = setTimeout(() => this.destroy(), closeLimit);
          this.#client.on("end", () => {
            clearTimeout(timer);
            resolve();
          });
          this.#client.end(() => {});
        }),
    );
  }
}

function reportRunningOn(error: unknown): void {
  callExceptionHandler({ message: "A query may run on, as the server could not be brought to cancel it", error });
}

function lastOf(result: PgResult | PgResult[]): PgResult {
  return Array.isArray(result) ? result.at(-1)! : result;
}

// After such an error the server closes the connection.
function isFatal(error: Error): boolean {
  return "severity" in error && (error.severity === "FATAL" || error.severity === "PANIC");
}
