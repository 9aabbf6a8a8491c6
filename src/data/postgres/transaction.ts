import { currentScope, Scope } from "../../asyncio/index.ts";
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

const isolations: readonly string[] = ["read committed", "repeatable read", "serializable"] satisfies Isolation[];

function beginText({ isolation, readOnly = false }: TransactionOptions): string {
  if (isolation !== undefined && !isolations.includes(isolation)) {
    throw new RangeError(
      `Cannot begin a transaction as 'isolation' must be one of ${isolations.join(", ")}: current value is ${isolation}`,
    );
  }
  return `begin${isolation === undefined ? "" : ` isolation level ${isolation}`}${readOnly ? " read only" : ""}`;
}

// What `body` left running would get in between: the scope ends it first.
async function runBody<T>(
  session: Session,
  source: SessionSource,
  body: (transaction: Transaction) => T | PromiseLike<T>,
): Promise<T> {
  const scope = new Scope(currentScope(), { kind: "postgres transaction" });
  markHolder(scope, source);
  const inner = new SingleSession(session, "transaction");
  let failed = true;
  try {
    const value = await scope.runAsync(body, new Transaction(inner));
    failed = false;
    return value;
  } finally {
    await scope.close(failed);
    inner.end();
  }
}

// The server answers `commit` in a failed transaction by rolling back, and calls that no error.
async function commit(session: Session): Promise<void> {
  if (session.transactionStatus === "E") {
    throw new TransactionAbortedError(
      "Cannot commit as a query of the transaction failed and its error was caught: everything was rolled back",
    );
  }
  await ask(session, new Query("commit"), "finish");
}

async function rollBack(session: Session): Promise<void> {
  if (session.transactionStatus !== "I") await undo(session, "rollback");
}

// Runs `body` in a transaction within one: if it fails, only what it did itself is undone. Savepoints within each other
// may have the same name: the last one is meant.
async function runSavepoint<T>(
  source: SessionSource,
  body: (transaction: Transaction) => T | PromiseLike<T>,
): Promise<T> {
  const session = await source.take();
  try {
    await ask(session, new Query("savepoint pottle"));
    return await runSaved(session, source, body);
  } finally {
    source.give(session);
  }
}

async function runSaved<T>(
  session: Session,
  source: SessionSource,
  body: (transaction: Transaction) => T | PromiseLike<T>,
): Promise<T> {
  try {
    const value = await runBody(session, source, body);
    await ask(session, new Query("release savepoint pottle"));
    return value;
  } catch (error) {
    await undo(session, "rollback to savepoint pottle; release savepoint pottle");
    throw error;
  }
}
