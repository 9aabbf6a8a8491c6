// A session is one connection to the server: it answers one query at a time, and a cancelled query is cancelled on the
// server.
//
//   send ──────────────> answer, or error and "ready for the next" ──> the wait ends
//     └─ cancelled ──> request over a socket of its own ──> that is closed ─┐
//                 └──> the query itself ends ───────────────────────────────┴──> the wait ends
//                 └──> silence for 0.4 s ──> the wait ends, the session is watched in the background and then discarded
//
// Only when both are over can the request hit nothing else, so that the session may go to another caller. (A driver that
// sends the request and goes on has it hit the next query, or has the next caller read the answer of the last one.)
// A request that overtakes its query finds nothing to cancel: it is sent again until the query ends. A session that does
// not hear of it in time is not used again.

import { callExceptionHandler, type CancelledError, outside, type Park, park } from "../../asyncio/index.ts";
import { startTimer } from "../../base/platform-timer.ts";
import { type CancelTarget, cancelTargetOf, requestCancel } from "./cancel-request.ts";
import type { PgClient, PgResult, TransactionStatus } from "./driver.ts";
import { ParameterTypes, writeJsonArrays } from "./parameter-types.ts";
import type { Query } from "./query.ts";
import { leavesSessionAlone } from "./statements.ts";

/** @internal How long a cancelled wait lasts at most, in milliseconds. */
export const silenceLimit = 400;

/** How long a cancelled query may go on before its connection is given up, in milliseconds. */
const stopLimit = 4_000;

/** How long after a request that changed nothing the next one is sent, in milliseconds; doubled each time. */
const firstPause = 20;

/** @internal What becomes of a query whose task is cancelled: it is cancelled as well, or only given a bound. */
export type CancelMode = "cancel" | "finish";

/** @internal Why a session failed a query: its `cause` is what the driver said. */
export class SessionLost extends Error {}

/** @internal One connection to the server. */
export class Session {
  readonly #client: PgClient;
  readonly #cancelTarget: CancelTarget;
  readonly #onLost: (session: Session) => void;
  #isBusy = false;
  #wait: Park<PgResult> | undefined;
  #cancelMode: CancelMode = "cancel";
  /** Set once the task that waits was cancelled. */
  #cancellation: CancelledError | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  /** What the server said of the query, before it is ready for the next one. */
  #failure: Error | undefined;
  #isAnswered = false;
  #tellStopper: (() => void) | undefined;
  #transactionStatus: TransactionStatus = "I";
  #isLost = false;
  #lossCause: Error | undefined;
  // The cancelled query of a session that nobody uses any more still has to end.
  #isAbandoned = false;
  #query: Query | undefined;
  #sent = 0;
  #isChanged = false;

  /** @param client - It is connected. */
  constructor(client: PgClient, onLost: (session: Session) => void) {
    this.#client = client;
    this.#onLost = onLost;
    this.#cancelTarget = cancelTargetOf(client);
    client.on("error", (error) => this.#lose(error));
    client.on("end", () => this.#lose(undefined));
    client.connection.on("readyForQuery", ({ status }) => void (this.#transactionStatus = status));
  }

  /** Whether it can be used no more. */
  get isLost(): boolean {
    return this.#isLost || this.#isAbandoned;
  }

  /** Whether it is busy with a query. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Whether it is in a transaction, as the server has said last. */
  get transactionStatus(): TransactionStatus {
    return this.#transactionStatus;
  }

  /** Whether a query may have changed what the next user of the session would see of it: a setting, a lock, a name. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Sends a query; the one before must have been answered. */
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

  // The same function for all queries, as there is one at a time. It may be called twice for one: of a query that could
  // not be sent the driver first tells the error, and then that it is over.
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
    if (wait.scope.isClosed) return this.destroy(); // nothing waits for it any longer
    if (!isFirst) return;
    this.#silenceTimer = startTimer(outside, silenceLimit, () => this.#abandon());
    void outside(() => this.#stop());
  }

  // The caller goes on; `#stop` ends what is left.
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

  /** Breaks the connection off. What it was busy with fails, and is cancelled on the server, which would go on with it. */
  destroy(): void {
    if (this.isBusy) void outside(() => requestCancel(this.#cancelTarget, stopLimit)).catch(reportRunningOn);
    this.#lose(undefined);
  }

  /** Breaks the connection off, where what it was busy with needs no cancellation: cleaning, rolling back. */
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

  /** How many queries it has been sent. */
  get sent(): number {
    return this.#sent;
  }

  /** Notes that a query may have changed it in a way that no text shows: by a function. */
  markChanged(): void {
    this.#isChanged = true;
  }

  /** Notes that it was cleaned: it is as it was when it was opened. */
  markClean(): void {
    this.#isChanged = false;
  }

  /** Says goodbye to the server. Not to be interrupted: it has a bound of its own. */
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
  callExceptionHandler({ message: "A query may run on, as the server could not be brought to cancel it", error });
}

function lastOf(result: PgResult | PgResult[]): PgResult {
  return Array.isArray(result) ? result.at(-1)! : result;
}

// After such an error the server closes the connection.
function isFatal(error: Error): boolean {
  return "severity" in error && (error.severity === "FATAL" || error.severity === "PANIC");
}
