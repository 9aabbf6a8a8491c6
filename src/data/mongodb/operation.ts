import {
  type CancelledError,
  InvalidStateError,
  outside,
  type Park,
  park,
  type Resource,
} from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { settleTimeout } from "../shared/call-driver.ts";
import { explainConnect } from "../shared/explain-connect.ts";
import { areQueriesTraced, type QueryMessage, traceQuery } from "../shared/query-channel.ts";
import { type InsertedBefore, insertedBefore, isMisuse, isTooLarge } from "./_driver.ts";
import { OperationAbort, type OperationSignal } from "./abort.ts";
import { DuplicateKeyError, MongoConnectError, MongoConnectionLost, MongoReplyError } from "./errors.ts";
import type { Sessions } from "./sessions.ts";

/** @internal The state that all operations of a client share. */
export interface OperationContext {
  /** The address of the server or servers. */
  readonly address: string;
  /** The sessions of the queries. */
  readonly sessions: Sessions;
  /** The number of running operations. */
  running: number;
}

/** @internal The name and the target of one operation. */
export interface Operation {
  /** The name of the operation: `find`. */
  readonly name: string;
  /** The database and the collection: `shop.fruits`. */
  readonly namespace: string;
  /** The number of documents that it inserts, if several. */
  readonly documents?: number;
}

/**
 * @internal Calls the driver and waits for its result. A cancellation aborts the operation. The wait then ends when the
 * driver has ended the operation, or after 200 ms. It throws the cancellation even if the operation has succeeded.
 *
 * @param read - Converts the driver's result. It is synchronous, because an async function would cost more.
 * @param abort - Aborts the operation. It is passed by operations that share one.
 * @throws {CancelledError} If the wait is cancelled.
 * @throws {MongoError} If there is no connection, or the server refuses the operation.
 */
export function runOperation<D, T = D>(
  context: OperationContext,
  operation: Operation,
  start: (signal: OperationSignal) => Promise<D>,
  read: (value: D) => T = asItIs,
  abort: OperationAbort = new OperationAbort(),
): Promise<T> {
  const call = new OperationCall(context, operation, start, read, abort);
  if (!areQueriesTraced()) return park<T>(call, begin, calling);
  return traceQuery(toMessage(context, operation), () => park<T>(call, begin, calling));
}

function toMessage({ address }: OperationContext, { name, namespace, documents }: Operation): QueryMessage {
  // The name of a database has no dot in it, that of a collection may.
  const [database, ...collection] = name === "connect" ? ["admin"] : namespace.split(".");
  return {
    system: "mongodb",
    operation: name,
    database,
    collection: collection.length === 0 ? undefined : collection.join("."),
    server: address,
    batchSize: documents,
  };
}

// The functions are the same for all calls. They find their call as the resource of the wait.
function begin<T>(wait: Park<T>): void {
  (wait.resource as OperationCall<unknown, T>).begin(wait);
}

const calling = {
  onCancel: (error: CancelledError, wait: Park<never>): void => {
    (wait.resource as OperationCall<unknown, unknown>).cancel(error, wait);
  },
};

function asItIs<D, T>(value: D): T {
  return value as unknown as T;
}

// One object holds all state of a call, because allocations are most of the cost that we add to an operation.
class OperationCall<D, T> implements Resource {
  readonly #context: OperationContext;
  readonly #operation: Operation;
  readonly #start: (signal: OperationSignal) => Promise<D>;
  readonly #read: (value: D) => T;
  readonly #abort: OperationAbort;
  #cancelled: CancelledError | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    context: OperationContext,
    operation: Operation,
    start: (signal: OperationSignal) => Promise<D>,
    read: (value: D) => T,
    abort: OperationAbort,
  ) {
    this.#context = context;
    this.#operation = operation;
    this.#start = start;
    this.#read = read;
    this.#abort = abort;
  }

  get kind(): string {
    return `mongodb ${this.#operation.name}`;
  }

  get name(): string {
    return this.#operation.namespace;
  }

  begin(wait: Park<T>): void {
    this.#context.running++;
    outside(this.#start, this.#abort).then(
      (value) => this.#succeeded(wait, value),
      (error: unknown) => this.#failed(wait, error as Error),
    );
  }

  cancel(error: CancelledError, wait: Park<never>): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = error;
    outside(() => {
      this.#timer = setTimeout(() => wait.fail(error), settleTimeout);
      this.#abort.abort(error);
    });
  }

  #succeeded(wait: Park<T>, value: D): void {
    this.#context.running--;
    // The cancellation is thrown even if the call has succeeded.
    if (this.#cancelled === undefined) wait.wake(this.#read(value));
    else this.#end(wait, this.#cancelled);
  }

  #failed(wait: Park<T>, error: Error): void {
    this.#context.running--;
    if (this.#cancelled !== undefined) this.#end(wait, this.#cancelled);
    else if (wait.isWaiting) wait.fail(explain(this.#context, this.#operation, error));
  }

  #end(wait: Park<T>, error: CancelledError): void {
    clearTimeout(this.#timer);
    wait.fail(error);
  }
}

/** The fields of the driver's errors that we read. */
interface DriverError extends Error {
  readonly code?: unknown;
  readonly syscall?: string;
  readonly keyValue?: Record<string, unknown>;
  readonly reason?: { readonly servers?: ReadonlyMap<string, { readonly error?: Error | null }> };
}

function explain(context: OperationContext, operation: Operation, error: Error): unknown {
  const inserted = insertedBefore(error);
  if (inserted === undefined) return explainOne(context, operation, error, undefined);
  return explainOne(context, operation, inserted.cause, inserted);
}

function explainOne(
  { address }: OperationContext,
  { name, namespace, documents = 0 }: Operation,
  error: DriverError,
  inserted: InsertedBefore | undefined,
): unknown {
  const operation = `${name} ${namespace}`;
  const { code } = error;
  const insertedIds = inserted?.ids ?? [];
  const count = inserted === undefined ? "" : `${insertedIds.length} of ${documents} documents were inserted`;
  const options = { cause: error, insertedIds };
  if (/ClosedError$|NotConnected/.test(error.name)) {
    return new InvalidStateError(`Cannot ${operation} as the client of MongoDB was closed`, { cause: error });
  }
  if (error.name === "MongoServerSelectionError") return new MongoConnectError(address, reasonOf(error), options);
  // The driver passes some errors of its socket on unchanged.
  if (/Network|PoolCleared/.test(error.name) || error.syscall !== undefined) {
    return new MongoConnectionLost(operation, { ...options, detail: count && `at least ${count}` });
  }
  if (isTooLarge(error)) return new RangeError(`Cannot ${operation} as a document is larger than 16 MB`, options);
  if (isMisuse(error)) return new TypeError(`Cannot ${operation} as ${error.message}`, { cause: error });
  if (typeof code !== "number") return error;
  if (code === 18 || code === 13) return new MongoConnectError(address, `it refuses the user: ${error.message}`);
  const answer = count === "" ? error.message : `${error.message}: ${count}`;
  if (code !== 11_000) return new MongoReplyError(operation, answer, code, options);
  return new DuplicateKeyError(operation, answer, error.keyValue ?? {}, options);
}

function reasonOf({ message, reason }: DriverError): string {
  const errors = [...(reason?.servers?.values() ?? [])].flatMap(({ error }) => error?.cause ?? error ?? []);
  const first = errors[0] as Error | undefined;
  return explainConnect(codeOf(first)) ?? (first === undefined || first.message === "" ? message : first.message);
}
