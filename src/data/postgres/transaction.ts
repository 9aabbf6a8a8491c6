import { isCancelled, outside, uncancellable, within } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { startTimer } from "../../base/platform-timer.ts";
import { TransactionAbortedError } from "./errors.ts";
import { Query } from "./query.ts";
import { runQuery } from "./run-query.ts";
import { type Session, silenceLimit } from "./session.ts";
import { markHolder, type SessionSource, SingleSession } from "./session-source.ts";

/** How strictly a transaction is kept apart from others. */
export type Isolation = "read committed" | "repeatable read" | "serializable";

/** How a transaction runs. */
export interface TransactionOptions {
  /** How strictly it is kept apart from others. Not for a transaction within one. @default the server's */
  readonly isolation?: Isolation;
  /** Whether it may only read. Not for a transaction within one. @default false */
  readonly readOnly?: boolean;
}

/** What runs in a transaction, on the session that it has for itself. */
type Body<T> = (inner: SingleSession) => T | PromiseLike<T>;

/** @internal Runs `body` in a transaction on a session of `source`. */
export async function runTransaction<T>(
  source: SessionSource,
  body: Body<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const begin = new Query(beginText(options));
  const session = await source.acquire();
  try {
    await runQuery(session, begin);
    const value = await runBody(session, source, body);
    await commit(session);
    return value;
  } catch (error) {
    await rollBack(session, error);
    throw error;
  } finally {
    source.release(session);
  }
}

const isolations: readonly Isolation[] = ["read committed", "repeatable read", "serializable"];

function beginText({ isolation, readOnly = false }: TransactionOptions): string {
  if (isolation !== undefined) option("begin a transaction", "isolation", isolation).oneOf(isolations);
  return `begin${isolation === undefined ? "" : ` isolation level ${isolation}`}${readOnly ? " read only" : ""}`;
}

const transactionScope = { kind: "postgres transaction" };

// What `body` left running would get in between: the scope ends it first.
async function runBody<T>(session: Session, source: SessionSource, body: Body<T>): Promise<T> {
  const inner = new SingleSession(session, "transaction");
  let failed = true;
  try {
    const value = await within(transactionScope, (scope) => {
      markHolder(scope, source);
      return body(inner);
    });
    failed = false;
    return value;
  } finally {
    await endUse(inner, session, failed);
  }
}

// A task that is none of the scope's may still have a query under way: what ends the transaction comes after that.
async function endUse(inner: SingleSession, session: Session, failed: boolean): Promise<void> {
  inner.end();
  if (!inner.isTaken) return;
  if (failed) return session.destroy();
  try {
    await inner.untilFree();
  } catch (error) {
    session.destroy();
    throw error;
  }
}

// The server answers `commit` in a failed transaction by rolling back, and calls that no error.
async function commit(session: Session): Promise<void> {
  refuseAborted(session);
  await runQuery(session, new Query("commit"), "finish");
}

function refuseAborted(session: Session): void {
  if (session.transactionStatus !== "E") return;
  throw new TransactionAbortedError(
    "Cannot commit as a query of the transaction failed and its error was caught: everything was rolled back",
  );
}

async function rollBack(session: Session, error: unknown): Promise<void> {
  if (session.transactionStatus !== "I") await rollBackQuietly(session, "rollback", limitAfter(error));
}

/** How long rolling back may take before the connection is broken off; in milliseconds. */
const rollBackLimit = 5_000;

// A cancelled caller does not wait for a server that says nothing.
function limitAfter(error: unknown): number {
  return isCancelled(error) ? silenceLimit : rollBackLimit;
}

/**
 * @internal Rolls back, in `ms` milliseconds. After that the connection is broken off, and the server rolls back. A
 * cancellation does not interrupt it.
 */
export async function rollBackQuietly(session: Session, text: string, ms: number): Promise<void> {
  if (session.isLost) return;
  const timer = startTimer(outside, ms, () => session.discard());
  try {
    await uncancellable(() => runQuery(session, new Query(text), "finish"));
  } catch {
    session.destroy();
  } finally {
    clearTimeout(timer);
  }
}

let savepoints = 0;

/** @internal Runs `body` in a transaction within one: if it fails, only what it did itself is undone. */
export async function runSavepoint<T>(source: SessionSource, body: Body<T>): Promise<T> {
  const session = await source.acquire();
  // One that was made although its query was cancelled must not be taken for another: each has a name of its own.
  const name = `pottle_${++savepoints}`;
  try {
    await runQuery(session, new Query(`savepoint ${name}`), "finish");
    return await runSaved(session, source, name, body);
  } finally {
    source.release(session);
  }
}

async function runSaved<T>(session: Session, source: SessionSource, name: string, body: Body<T>): Promise<T> {
  const release = new Query(`release savepoint ${name}`);
  try {
    const value = await runBody(session, source, body);
    refuseAborted(session);
    await runQuery(session, release, "finish");
    return value;
  } catch (error) {
    // Once it was sent, a cancellation came too late: there is nothing left to go back to.
    if (!release.isSent || session.transactionStatus === "E")
      await rollBackQuietly(session, `rollback to savepoint ${name}; release savepoint ${name}`, limitAfter(error));
    throw error;
  }
}
