import { type CancelledError, InvalidStateError, outside, park, type Park } from "../../asyncio/index.ts";
import { isMisuse } from "./_driver.ts";
import { DuplicateKeyError, MongoConnectError, MongoConnectionLost, MongoReplyError } from "./errors.ts";

/** @internal What the operations of a client have in common. */
export interface CallContext {
  /** The server or servers. */
  readonly address: string;
  /** How many operations are under way. */
  running: number;
}

/** @internal One operation: what it is called, what it works on. */
export interface Operation {
  /** Its name: `find`. */
  readonly name: string;
  /** The database and the collection: `shop.fruits`. */
  readonly namespace: string;
}

// A driver that has not let go so long after it was told to, in milliseconds, is not waited for.
const patience = 200;

/**
 * @internal Calls the driver, outside of every scope, and waits for it in the open. A cancellation aborts the operation
 * and ends the wait when the driver has let go of it; it counts also if the operation was over at that moment.
 *
 * @param controller - Aborted by a cancellation; for operations of several calls.
 * @throws {CancelledError} If the wait is cancelled.
 */
export function callDriver<T>(
  context: CallContext,
  operation: Operation,
  start: (signal: AbortSignal) => Promise<T>,
  controller: AbortController = new AbortController(),
): Promise<T> {
  let cancelled: CancelledError | undefined;
  let timer: NodeJS.Timeout | undefined;
  const run = async (wait: Park<T>): Promise<void> => {
    context.running++;
    try {
      const value = await start(controller.signal);
      if (cancelled === undefined) wait.wake(value);
    } catch (error) {
      if (cancelled === undefined) wait.fail(explain(context, operation, error as DriverError));
    } finally {
      context.running--;
      clearTimeout(timer);
      if (cancelled !== undefined) wait.fail(cancelled);
    }
  };
  return park<T>(
    { kind: `mongodb ${operation.name}`, name: operation.namespace },
    (wait) => outside(() => void run(wait)),
    {
      onCancel: (error, wait) => {
        if (cancelled !== undefined) return;
        cancelled = error;
        timer = outside(setTimeout, () => void wait.fail(error), patience);
        outside(() => controller.abort(error));
      },
    },
  );
}

/** What the driver throws, as far as we look at it. */
interface DriverError extends Error {
  readonly code?: unknown;
  readonly keyValue?: Record<string, unknown>;
  readonly reason?: { readonly servers?: ReadonlyMap<string, { readonly error?: Error | null }> };
}

function explain({ address }: CallContext, { name, namespace }: Operation, error: DriverError): unknown {
  const operation = `${name} ${namespace}`;
  const { code } = error;
  if (/ClosedError$|NotConnected/.test(error.name)) {
    return new InvalidStateError(`Cannot ${operation} as the client of MongoDB was closed`, { cause: error });
  }
  if (error.name === "MongoServerSelectionError") {
    return new MongoConnectError(address, reasonOf(error), { cause: error });
  }
  if (/Network|PoolCleared/.test(error.name)) return new MongoConnectionLost(operation, { cause: error });
  if (isMisuse(error)) return new TypeError(`Cannot ${operation} as ${error.message}`, { cause: error });
  if (typeof code !== "number") return error;
  if (code === 18 || code === 13)
    return new MongoConnectError(address, `it lets nobody in like that: ${error.message}`);
  if (code !== 11_000) return new MongoReplyError(operation, error.message, code, { cause: error });
  return new DuplicateKeyError(operation, error.message, error.keyValue ?? {}, { cause: error });
}

function reasonOf({ message, reason }: DriverError): string {
  const errors = [...(reason?.servers?.values() ?? [])].flatMap(({ error }) => error?.cause ?? error ?? []);
  const [first] = errors as NodeJS.ErrnoException[];
  if (first?.code === "ECONNREFUSED") return "nothing listens there (ECONNREFUSED): is the server running?";
  if (first?.code === "ENOTFOUND") return "there is no such host (ENOTFOUND)";
  return first === undefined || first.message === "" ? message : first.message;
}
