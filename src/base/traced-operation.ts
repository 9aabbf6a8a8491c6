// What is told of operations that take a while and have an end, such as a query: by the tracing channels of
// `node:diagnostics_channel`, and with a context around the operation where a subscriber wants one.
//
// Node can bind an `AsyncLocalStorage` to a channel. Libraries such as OpenTelemetry hide theirs behind a function that
// runs a callback in a context, which cannot be bound. So a message also takes such a function: `around`.

import type { TracingChannel } from "node:diagnostics_channel";

/** Calls `body` at once, in a context, and returns its result. */
export type Around = <T>(body: () => T) => T;

/** A message whose subscribers may set a context for what begins after it. */
export interface ContextMessage {
  /** The function in which it is begun. A subscriber that finds one there must call it in its own. */
  around?: Around | undefined;
}

/** The message of an operation: the same object at its start and at its end, where it has a result or an error. */
export interface OperationMessage extends ContextMessage {
  /** The result, once it has succeeded. */
  readonly result?: unknown;
  /** The error, once it has failed or was cancelled. */
  readonly error?: unknown;
}

/** @internal Begins something in the context that subscribers have set in `message`. */
export function beginAround<T>(message: ContextMessage, begin: () => T): T {
  return message.around === undefined ? begin() : message.around(begin);
}

/** @internal Runs an operation, and tells subscribers when it starts and how it ends. */
export function traceOperation<T>(
  channel: TracingChannel<OperationMessage>,
  message: OperationMessage,
  run: () => Promise<T>,
): Promise<T> {
  return channel.tracePromise(() => beginAround(message, run), message);
}
