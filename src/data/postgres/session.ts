// A session is one connection to the server. It runs one query at a time, and cancels a cancelled query on the server.
//
//   send ──────────────> answer, or error and "ready for the next" ──> the wait ends
//     └─ cancelled ──> cancel request over a separate socket ──> socket closed ─┐
//                 └──> the query itself ends ───────────────────────────────────┴──> the wait ends
//                 └──> no answer for 0.4 s ──> the wait ends; the session is watched in the background, then discarded
//
// The session may go to another caller only when both have ended, because only then can the request not affect another
// query. (If a driver sends the request and continues at once, the request may cancel the next query, or the next
// caller may read the answer of the previous one.) If the request arrives before its query, there is nothing to cancel:
// so it is sent again until the query ends. A session that does not answer in time is not used again.

import { callExceptionHandler, type CancelledError, outside, type Park, park } from "../../asyncio/index.ts";
import { startTimer } from "../../base/platform-timer.ts";
import { type CancelTarget, cancelTargetOf, requestCancel } from "./cancel-request.ts";
import type { PgClient, PgResult, TransactionStatus } from "./driver.ts";
import { ParameterTypes, writeJsonArrays } from "./values.ts";
import type { Query } from "./query.ts";
import { leavesSessionAlone } from "./statements.ts";

/** @internal The maximum duration of a cancelled wait, in milliseconds. */
export const silenceLimit = 400;

/** How long a cancelled query may continue before its connection is dropped, in milliseconds. */
const stopLimit = 4_000;

/** The pause after a cancel request without effect before the next one, in milliseconds; doubled each time. */
const firstPause = 20;

/**
 * @internal What happens to the query when its task is cancelled: it is cancelled too, or it may finish within a time
 * limit.
 */
export type CancelMode = "cancel" | "finish";

/** @internal The connection of a session is lost; `cause` is the driver's error. */
export class SessionLost extends Error {}

/** @internal One connection to the server. */
export class Session {
  readonly #client: PgClient;
  readonly #cancelTarget: CancelTarget;
  readonly #onLost: (session: Session) => void;
  #isBusy = false;
  #wait: Park<PgResult> | undefined;
  #cancelMode: CancelMode = "cancel";
  /** Set when the waiting task was cancelled. */
  #cancellation: CancelledError | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  /** The server's error for the query, until the server is ready for the next query. */
  #failure: Error | undefined;
  #isAnswered = false;
  #tellStopper: (() => void) | undefined;
  #transactionStatus: TransactionStatus = "I";
  #isLost = false;
  #lossCause: Error | undefined;
  // Whether the caller has left before its cancelled query ended; then the session is discarded when the query ends.
  #isAbandoned = false;
  #query: Query | undefined;
  #sent = 0;
  #isChanged = false;

  /** @param client - Must be connected. */
  constructor(client: PgClient, onLost: (session: Session) => void) {
    this.#client = client;
    this.#onLost = onLost;
    this.#cancelTarget = cancelTargetOf(client);
    client.on("error", (error) => this.#lose(error));
    client.on("end", () => this.#lose(undefined));
    client.connection.on("readyForQuery", ({ status }) => void (this.#transactionStatus = status));
  }

  /** Whether the session can no longer be used. */
  get isLost(): boolean {
    return this.#isLost || this.#isAbandoned;
  }

  /** The server: `127.0.0.1:5432`, or the folder of its socket. */
  get server(): string {
    const { host, port } = this.#client;
    return host.startsWith("/") ? host : `${host}:${port}`;
  }

  /** The name of the database. */
  get database(): string | undefined {
    return this.#client.database;
  }

  /** Whether a query is running. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** The transaction status, as the server last reported it. */
  get transactionStatus(): TransactionStatus {
    return this.#transactionStatus;
  }

  /**
   * Whether a query may have changed the session in a way that would affect its next user: a setting, a lock, a
   * temporary table.
   */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Sends a query; the previous one must have been answered. */
  send(query: Query, mode: CancelMode = "cancel"): Promise<PgResult> {
    return park<PgResult>(query, (wait) => this.#start(query, wait, mode), {
      onCancel: (error, wait) => this.#interrupt(error, wait),
    });
  }

  #start(query: Query, wait: Park<PgResult>, mode: CancelMode): void {
    if (this.isLost) return void wait.fail(this.#makeLost());
    this.#isBusy = true;
    this.#sent++;
    this.#wait = wait;
    this.#query = query;
    this.#cancelMode = mode;
    query.isSent = true;
    if (query.values?.some(Array.isArray) === true) this.#describeThenSend(query, query.values);
    else this.#client.query(query.text, query.values, this.#answer);
  }

  #describeThenSend(query: Query, values: readonly unknown[]): void {
    const types = new ParameterTypes(query.text, (error, found) => {
      if (this.#query !== query) return;
      if (error !== undefined) this.#answer(error);
      else if (this.#cancellation !== undefined) this.#settle(undefined, []);
      else this.#client.query(query.text, writeJsonArrays(values, found), this.#answer);
    });
    this.#client.query(types);
  }

  // One function for all queries, because only one runs at a time. It may be called twice for one query: if a query
  // could not be sent, the driver first reports the error and then the end of the query.
  readonly #answer = (error: Error | null | undefined, result?: PgResult | PgResult[]): void => {
    if (!this.#isBusy || this.#failure !== undefined) return;
    if (error === null || error === undefined) return this.#settle(undefined, result);
    if (isFatal(error)) return this.#lose(error);
    if (this.#client.readyForQuery === true) return this.#settle(error);
    this.#failure = error;
    this.#client.connection.once("readyForQuery", () => this.#settle(error));
  };

  #settle(error: Error | undefined, result?: PgResult | PgResult[]): void {
    if (!this.#isBusy) return;
    this.#failure = undefined;
    this.#isChanged ||= !leavesSessionAlone(this.#query!.text, result);
    this.#query = undefined;
    if (this.#cancellation !== undefined) {
      this.#isAnswered = true;
      this.#tellStopper?.();
      return;
    }
    const wait = this.#wait;
    this.#isBusy = false;
    this.#wait = undefined;
    if (error === undefined) wait?.wake(lastOf(result!));
    else wait?.fail(error);
  }

  #interrupt(error: CancelledError, wait: Park<never>): void {
    const isFirst = this.#cancellation === undefined;
    this.#cancellation = error;
    if (wait.scope.isClosed) return this.destroy(); // no code waits for it any longer
    if (!isFirst) return;
    this.#silenceTimer = startTimer(outside, silenceLimit, () => this.#abandon());
    void outside(() => this.#stop());
  }

  // The caller continues; `#stop` ends the query in the background.
  #abandon(): void {
    this.#isAbandoned = true;
    this.#failWait(this.#cancellation);
  }

  #failWait(error: unknown): void {
    const wait = this.#wait;
    this.#wait = undefined;
    clearTimeout(this.#silenceTimer);
    wait?.fail(error);
  }

  async #stop(): Promise<void> {
    const limit = setTimeout(() => this.#giveUp(new Error(`It did not end within ${stopLimit} ms`)), stopLimit);
    try {
      if (this.#cancelMode === "cancel") await this.#cancelUntilAnswered();
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
    const error = this.#cancellation;
    this.#isBusy = this.#isAnswered = false;
    this.#cancellation = this.#tellStopper = undefined;
    this.#failWait(error);
    if (this.#isAbandoned) this.#lose(undefined);
  }

  /**
   * Closes the connection at once. A running query fails, and is cancelled on the server, which otherwise would
   * continue it.
   */
  destroy(): void {
    if (this.isBusy) void outside(() => requestCancel(this.#cancelTarget, stopLimit)).catch(reportRunningOn);
    this.#lose(undefined);
  }

  /**
   * Closes the connection at once, without a cancel request; for queries that need none, such as cleaning or rolling
   * back.
   */
  discard(): void {
    this.#lose(undefined);
  }

  #lose(cause: Error | undefined): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#isBusy = false;
    this.#lossCause = cause;
    this.#query = undefined;
    this.#client.connection.stream.destroy();
    this.#failWait(this.#cancellation ?? this.#makeLost());
    this.#tellStopper?.();
    this.#onLost(this);
  }

  #makeLost(): SessionLost {
    return new SessionLost("lost", { cause: this.#lossCause });
  }

  /** How many queries were sent. */
  get sent(): number {
    return this.#sent;
  }

  /** Records that a query may have changed the session in a way that its text does not show, such as by a function. */
  markChanged(): void {
    this.#isChanged = true;
  }

  /** Records that the session was cleaned, and is in the same state as when it was opened. */
  markClean(): void {
    this.#isChanged = false;
  }

  /** Closes the connection in order. This cannot be cancelled, but has a time limit of its own. */
  close(): Promise<void> {
    if (this.#isLost) return Promise.resolve();
    if (this.isBusy) {
      if (!this.#isAbandoned) this.destroy();
      return Promise.resolve();
    }
    return outside(
      () =>
        new Promise((resolve) => {
          const timer = setTimeout(() => this.destroy(), silenceLimit);
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
  callExceptionHandler({ message: "A query may still be running, as it could not be cancelled on the server", error });
}

function lastOf(result: PgResult | PgResult[]): PgResult {
  return Array.isArray(result) ? result.at(-1)! : result;
}

// Whether the server closes the connection after this error.
function isFatal(error: Error): boolean {
  return "severity" in error && (error.severity === "FATAL" || error.severity === "PANIC");
}
