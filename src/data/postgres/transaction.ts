import { isCancelled, outside, uncancellable, within } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { startTimer } from "../../base/platform-timer.ts";
import { TransactionAbortedError } from "./errors.ts";
import { Query } from "./query.ts";
import { markHolder, runQuery, type SessionSource, SingleSession } from "./session-source.ts";
import { type Session, silenceLimit } from "./session.ts";

/** The isolation level of a transaction. */
export type Isolation = "read committed" | "repeatable read" | "serializable";

/** Options of a transaction. */
export interface TransactionOptions {
  /** The isolation level. Not allowed for a nested transaction. @default the server's */
  readonly isolation?: Isolation;
  /** Whether the transaction is read-only. Not allowed for a nested transaction. @default false */
  readonly readOnly?: boolean;
}

/** The code of a transaction; it receives the transaction's exclusive session. */
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

// Runs `body` in a scope, which first ends everything that `body` left running, so that no late query interferes with
// the commit.
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

// A task outside the scope may still have a running query: the statement that ends the transaction must wait for it.
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

// In a failed transaction, the server answers `commit` by rolling back, without an error. So the status is checked.
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

/** How long a rollback may take before the connection is closed, in milliseconds. */
const rollBackLimit = 5_000;

// If the caller was cancelled, the limit is shorter, so that it does not wait for a server that does not answer.
function limitAfter(error: unknown): number {
  return isCancelled(error) ? silenceLimit : rollBackLimit;
}

/**
 * @internal Rolls back within `ms` milliseconds. After that the connection is closed, and the server rolls back. This
 * cannot be cancelled.
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

/** @internal Runs `body` in a nested transaction: if it fails, only its own changes are undone. */
export async function runSavepoint<T>(source: SessionSource, body: Body<T>): Promise<T> {
  const session = await source.acquire();
  // Each savepoint has its own name, because a savepoint may have been created although its query was cancelled, and
  // must not be confused with a later one.
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
    // If the release was already sent, the cancellation came too late: the savepoint no longer exists.
    if (!release.isSent || session.transactionStatus === "E")
      await rollBackQuietly(session, `rollback to savepoint ${name}; release savepoint ${name}`, limitAfter(error));
    throw error;
  }
}
