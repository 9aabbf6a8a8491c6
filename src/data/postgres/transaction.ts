import { within } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { ask } from "./ask.ts";
import { TransactionAbortedError } from "./errors.ts";
import { Query } from "./query.ts";
import { Queryable } from "./queryable.ts";
import type { Session } from "./session.ts";
import { markHolder, type SessionSource, SingleSession } from "./session-source.ts";
import { undo } from "./undo.ts";

/** How strictly a transaction is kept apart from others. */
export type Isolation = "read committed" | "repeatable read" | "serializable";

/** How a transaction runs. */
export interface TransactionOptions {
  /** How strictly it is kept apart from others. Not for a transaction within one. @default the server's */
  readonly isolation?: Isolation;
  /** Whether it may only read. Not for a transaction within one. @default false */
  readonly readOnly?: boolean;
}

/** A running transaction: its queries are all done, or none of them. */
export class Transaction extends Queryable {
  readonly #source: SingleSession;

  /** @internal Use `transaction()`. */
  constructor(source: SingleSession) {
    super(source, runSavepoint);
    this.#source = source;
  }

  /** How many queries wait for the one before. */
  statistics(): { readonly waiting: number } {
    return { waiting: this.#source.waiting };
  }
}

/** @internal Runs `body` in a transaction on a session of `source`. */
export async function runTransaction<T>(
  source: SessionSource,
  body: (transaction: Transaction) => T | PromiseLike<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const begin = new Query(beginText(options));
  const session = await source.take();
  try {
    await ask(session, begin);
    const value = await runBody(session, source, body);
    await commit(session);
    return value;
  } catch (error) {
    await rollBack(session);
    throw error;
  } finally {
    source.give(session);
  }
}

const isolations: readonly Isolation[] = ["read committed", "repeatable read", "serializable"];

function beginText({ isolation, readOnly = false }: TransactionOptions): string {
  if (isolation !== undefined) option("begin a transaction", "isolation", isolation).oneOf(isolations);
  return `begin${isolation === undefined ? "" : ` isolation level ${isolation}`}${readOnly ? " read only" : ""}`;
}

const transactionScope = { kind: "postgres transaction" };

// What `body` left running would get in between: the scope ends it first.
async function runBody<T>(
  session: Session,
  source: SessionSource,
  body: (transaction: Transaction) => T | PromiseLike<T>,
): Promise<T> {
  const inner = new SingleSession(session, "transaction");
  let failed = true;
  try {
    const value = await within(transactionScope, (scope) => {
      markHolder(scope, source);
      return body(new Transaction(inner));
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
  await ask(session, new Query("commit"), "finish");
}

function refuseAborted(session: Session): void {
  if (session.transactionStatus !== "E") return;
  throw new TransactionAbortedError(
    "Cannot commit as a query of the transaction failed and its error was caught: everything was rolled back",
  );
}

async function rollBack(session: Session): Promise<void> {
  if (session.transactionStatus !== "I") await undo(session, "rollback");
}

let savepoints = 0;

// Runs `body` in a transaction within one: if it fails, only what it did itself is undone.
async function runSavepoint<T>(
  source: SessionSource,
  body: (transaction: Transaction) => T | PromiseLike<T>,
): Promise<T> {
  const session = await source.take();
  // One that was made although its query was cancelled must not be taken for another: each has a name of its own.
  const name = `pottle_${++savepoints}`;
  try {
    await ask(session, new Query(`savepoint ${name}`), "finish");
    return await runSaved(session, source, name, body);
  } finally {
    source.give(session);
  }
}

async function runSaved<T>(
  session: Session,
  source: SessionSource,
  name: string,
  body: (transaction: Transaction) => T | PromiseLike<T>,
): Promise<T> {
  const release = new Query(`release savepoint ${name}`);
  try {
    const value = await runBody(session, source, body);
    refuseAborted(session);
    await ask(session, release, "finish");
    return value;
  } catch (error) {
    // Once it was sent, a cancellation came too late: there is nothing left to go back to.
    if (!release.isSent || session.transactionStatus === "E")
      await undo(session, `rollback to savepoint ${name}; release savepoint ${name}`);
    throw error;
  }
}
