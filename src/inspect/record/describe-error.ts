import { type CancelledError, isCancelled } from "../../asyncio/index.ts";

/** Describes the reason of a cancellation: `ClientDisconnected: Client 127.0.0.1:54476 disconnected after 492 ms`. */
export function describeReason(error: CancelledError): string {
  const { reason } = error;
  return reason instanceof Error && !isCancelled(reason) ? describeError(reason) : error.message;
}

/** Describes a thrown value: `TypeError: x is not a function`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === "string" ? error : `threw ${typeof error}`;
  return error.message === "" ? error.name : `${error.name}: ${error.message}`;
}
