/**
 * The life of a request, which is the same on every server.
 *
 *     head arrives ── task starts ── application ── body sent ── response has left ── children ended ── entry
 *                                        │                │
 *                          client leaves │    shutdown    │     → task.cancel(reason)
 *
 * The request's scope closes after the body, not when the view returns: what a view started may be what feeds the body.
 * Whatever is still running in it then is cancelled and awaited.
 */

import { channel } from "node:diagnostics_channel";
import {
  callExceptionHandler,
  cancellationOf,
  createTask,
  type Scope,
  type Task,
  type TaskOptions,
  uncancellable,
} from "../asyncio/index.ts";
import { beginAround, type ContextMessage } from "../base/traced-operation.ts";
import type { AccessEntry, RequestOutcome } from "./access-entry.ts";
import type { Application } from "./application.ts";
import { NoResponseError } from "./errors.ts";
import { ownCancellation } from "./request-over.ts";
import type { ServerExchange } from "./server-exchange.ts";
import { splitTarget } from "./target.ts";

/** How requests are run. */
export interface ServeExchangeOptions {
  /**
   * The scope that the request belongs to.
   * @default the nearest one of the caller that owns tasks
   */
  readonly owner?: Scope;
  /**
   * After how many milliseconds a request that was cancelled, and goes on, is cancelled again at every wait.
   * @default 3_000
   */
  readonly cancelGrace?: number;
  /**
   * Called with each error that the application threw.
   * @default reports it to the exception handler, which prints it with its stack
   */
  readonly onError?: (error: unknown, exchange: ServerExchange) => void;
  /**
   * Called with each request when it is over. What is not in the entry, such as headers, is in the exchange. A hook that
   * keeps the exchange keeps the whole request.
   * @default no function is called
   */
  readonly onAccess?: (entry: AccessEntry, exchange: ServerExchange) => void;
  /**
   * Called after that, however the request ended.
   * @default no function is called
   */
  readonly onOver?: () => void;
}

/** What `pottle:request:start` of `node:diagnostics_channel` tells: the task of the request is about to begin. */
export interface RequestStartMessage extends ContextMessage {
  readonly exchange: ServerExchange;
}

/** What `pottle:request:error` tells: the application threw. `pottle:request:end` follows. */
export interface RequestErrorMessage {
  readonly exchange: ServerExchange;
  readonly error: unknown;
}

/** What `pottle:request:end` tells: the request is over, and so is every task that was started for it. */
export interface RequestEndMessage {
  readonly exchange: ServerExchange;
  readonly entry: AccessEntry;
}

const requestStart = channel("pottle:request:start");
const requestError = channel("pottle:request:error");
const requestEnd = channel("pottle:request:end");

/** What is served: an exchange, or a WebSocket, whose response is its whole life. */
export type Served = Pick<
  ServerExchange,
  | "method"
  | "target"
  | "peer"
  | "client"
  | "status"
  | "bytesSent"
  | "elapsed"
  | "responded"
  | "ended"
  | "finished"
  | "disconnected"
  | "respond"
  | "finish"
  | "abort"
  | "onDisconnect"
>;

/** One run of an application. */
export interface ServedRun {
  /** What the application answers. */
  readonly served: Served;
  /** The request, for the hooks. */
  readonly request: ServerExchange;
  /** The name of the task. */
  readonly name: string;
  /** Calls the application. */
  readonly handle: () => void | PromiseLike<void>;
}

const defaultCancelGrace = 3_000;
const errorHeaders = ["Content-Type", "text/plain; charset=utf-8", "Connection", "close"] as const;
const errorTexts = { 500: "Internal Server Error", 503: "Service Unavailable" } as const;

/**
 * Runs an application for one exchange, as a task. The task is done when the request is over: the response has left or
 * cannot, and every task that the application started for it has ended. It fails only by being cancelled.
 */
export function serveExchange(
  app: Application,
  exchange: ServerExchange,
  options: ServeExchangeOptions = {},
): Task<void> {
  const name = `${exchange.method} ${splitTarget(exchange.target).path}`;
  return runServed({ served: exchange, request: exchange, name, handle: () => app.handle(exchange) }, options);
}

/** @internal Runs an application as a task that ends with what it serves. */
export function runServed(run: ServedRun, options: ServeExchangeOptions): Task<void> {
  const request = new ServedRequest(run, options);
  const start = requestStart.hasSubscribers ? startTold : startTask;
  const task = start(request, run, options);
  run.served.onDisconnect((reason) => task.cancel(reason));
  // The platform's own `then`: ours would make the caller's scope wait for the task, and a done callback is bound to it.
  const conclude = (): void => request.conclude(task);
  void Promise.prototype.then.call(task, conclude, conclude);
  return task;
}

function startTask(request: ServedRequest, { name }: ServedRun, options: ServeExchangeOptions): Task<void> {
  return createTask(() => request.run(), taskOptions(name, options));
}

// With the stores that subscribers have bound to the channel, so that they are there in all that the request does.
function startTold(request: ServedRequest, run: ServedRun, options: ServeExchangeOptions): Task<void> {
  const message: RequestStartMessage = { exchange: run.request };
  return requestStart.runStores(message, () => beginAround(message, () => startTask(request, run, options)));
}

function taskOptions(name: string, { owner, cancelGrace = defaultCancelGrace }: ServeExchangeOptions): TaskOptions {
  const options = { name, role: "request", ownsTasks: true, redeliverAfter: cancelGrace, eagerStart: true };
  return owner === undefined ? options : { ...options, owner };
}

class ServedRequest {
  readonly #run: ServedRun;
  readonly #exchange: Served;
  readonly #options: ServeExchangeOptions;
  #outcome: RequestOutcome = { kind: "served" };

  constructor(run: ServedRun, options: ServeExchangeOptions) {
    this.#run = run;
    this.#exchange = run.served;
    this.#options = options;
  }

  async run(): Promise<void> {
    const exchange = this.#exchange;
    try {
      await this.#run.handle();
      if (exchange.responded) await exchange.finish();
      else if (exchange.disconnected === undefined) throw new NoResponseError(exchange);
    } catch (error) {
      await this.#recover(error);
    }
  }

  /** Says how it ended. Nothing of it is running any more. */
  conclude(task: Task<void>): void {
    try {
      if (!this.#exchange.finished) this.#exchange.abort();
      const outcome = this.#outcomeOf(task);
      if (outcome.kind === "failed") this.#report(outcome.error);
      this.#tell(outcome);
    } catch (error) {
      callExceptionHandler({ message: `A hook of the server failed after ${task.name}`, error });
    } finally {
      this.#options.onOver?.();
    }
  }

  #tell(outcome: RequestOutcome): void {
    const { onAccess } = this.#options;
    if (onAccess === undefined && !requestEnd.hasSubscribers) return;
    const exchange = this.#run.request;
    const entry = toEntry(this.#exchange, outcome);
    if (requestEnd.hasSubscribers) requestEnd.publish({ exchange, entry } satisfies RequestEndMessage);
    onAccess?.(entry, exchange);
  }

  /** Answers, if that is still possible, and remembers the error. A cancellation of ours goes on to the task. */
  async #recover(error: unknown): Promise<void> {
    const cancellation = ownCancellation(error);
    if (cancellation === undefined) this.#outcome = { kind: "failed", error };
    // Masked: an answer that was begun is sent, even if the request is cancelled again.
    await uncancellable(() => this.#answer(cancellation === undefined ? 500 : 503));
    if (cancellation !== undefined) throw cancellation;
  }

  async #answer(status: 500 | 503): Promise<void> {
    const exchange = this.#exchange;
    if (exchange.disconnected !== undefined) return;
    if (exchange.responded && !exchange.ended) return exchange.abort();
    try {
      if (exchange.responded) await exchange.finish();
      else await exchange.respond(status, errorHeaders, errorTexts[status]);
    } catch (error) {
      // The client has disconnected meanwhile, which is not an error of the application.
      if (error !== exchange.disconnected) throw error;
    }
  }

  #outcomeOf(task: Task<void>): RequestOutcome {
    const { disconnected, finished } = this.#exchange;
    const failed = this.#outcome.kind === "failed" && this.#outcome.error !== disconnected;
    if (failed) return this.#outcome;
    if (disconnected !== undefined && !finished) return { kind: "cancelled", reason: disconnected };
    return task.cancelled() ? { kind: "cancelled", reason: reasonOf(task) } : this.#outcome;
  }

  #report(error: unknown): void {
    const exchange = this.#run.request;
    const { method, target } = exchange;
    if (requestError.hasSubscribers) requestError.publish({ exchange, error } satisfies RequestErrorMessage);
    if (this.#options.onError !== undefined) this.#options.onError(error, exchange);
    else callExceptionHandler({ message: `Error while serving ${method} ${target}`, error });
  }
}

function toEntry(exchange: Served, outcome: RequestOutcome): AccessEntry {
  const { client } = exchange;
  return {
    method: exchange.method,
    target: exchange.target,
    peer: exchange.peer,
    ...(client && { client }),
    status: exchange.status,
    bytes: exchange.bytesSent,
    milliseconds: exchange.elapsed,
    outcome,
  };
}

function reasonOf(task: Task<void>): unknown {
  try {
    return task.result();
  } catch (error) {
    return cancellationOf(error)?.reason ?? error;
  }
}
