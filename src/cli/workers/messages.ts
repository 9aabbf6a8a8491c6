import type { ExitSignal } from "../../asyncio/index.ts";

/** The environment variable that gives a worker its number, for the application to see. */
export const workerVariable = "POTTLE_WORKER";

/** The environment variable that gives a worker the port to listen on. */
export const portVariable = "POTTLE_WORKER_PORT";

/** A message from a worker to its primary. */
export type WorkerMessage =
  /** The worker listens. */
  | { readonly kind: "worker listening"; readonly url: string; readonly port: number }
  /** The worker cannot listen, and is about to end; the text says why. */
  | { readonly kind: "worker failed"; readonly text: string }
  /** The worker has served so many requests, and asks to be replaced. */
  | { readonly kind: "worker spent"; readonly requests: number }
  /** The worker was told to stop, by its primary or by a signal. */
  | { readonly kind: "worker stopping" };

/** A message from the primary to a worker, which is to stop as a server does on this signal. */
export interface StopMessage {
  readonly kind: "stop worker";
  readonly signal: ExitSignal;
}

/** A message from the primary to a worker: it is to open its log files anew. */
export interface ReopenMessage {
  readonly kind: "reopen logs";
}

/** Whether a message is a {@link WorkerMessage}; the application may send others. */
export function isWorkerMessage(message: unknown): message is WorkerMessage {
  return /^worker (?:listening|failed|spent|stopping)$/.test(String(kindOf(message)));
}

/** Whether a message is a {@link StopMessage}. */
export function isStopMessage(message: unknown): message is StopMessage {
  return kindOf(message) === "stop worker";
}

/** Whether a message is a {@link ReopenMessage}. */
export function isReopenMessage(message: unknown): message is ReopenMessage {
  return kindOf(message) === "reopen logs";
}

function kindOf(message: unknown): unknown {
  return (message as { readonly kind?: unknown } | null | undefined)?.kind;
}
