// The worker's end of the channel to its primary.
//
// A signal may reach a worker directly, from a terminal or a service manager that signals a whole group, and once more
// through the primary. The first one counts, and later ones do nothing: the primary decides when the time is over,
// and kills. Once the primary is gone, a worker behaves as a server without one.

import type { SignalHandler } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";
import type { RunningServer } from "../../server/index.ts";
import { isReopenMessage, isStopMessage, portVariable, type WorkerMessage, workerVariable } from "./messages.ts";
import type { WorkerSettings } from "./worker-settings.ts";

/**
 * Finds the primary that has started this process as a worker.
 *
 * @returns `undefined` if the process is not a worker.
 */
export function findPrimary(settings: WorkerSettings): PrimaryLink | undefined {
  // A process that a worker starts inherits the variable, but is not a worker.
  if (process.env[workerVariable] === undefined || process.send === undefined) return undefined;
  return process.getBuiltinModule("node:cluster").isWorker ? new PrimaryLink(settings) : undefined;
}

/** The channel from a worker to its primary. */
export class PrimaryLink {
  /** The port to listen on. */
  readonly port: number;
  readonly #limit: number;
  #served = 0;
  #isListening = false;
  #isStopping = false;

  constructor({ maxRequests, maxRequestsJitter }: WorkerSettings) {
    this.port = Number(process.env[portVariable]);
    delete process.env[portVariable];
    this.#limit = maxRequests + Math.floor(Math.random() * (maxRequestsJitter + 1));
  }

  /** Lets the first signal through, and of later ones those that arrive when the primary is gone. */
  readonly onSignal: SignalHandler = () => {
    if (this.#isStopping) return process.connected ? "handled" : undefined;
    this.#isStopping = true;
    tell({ kind: "worker stopping" });
    return undefined;
  };

  /** Begins to obey the primary; when the primary is gone, the server ends as after SIGTERM. */
  connect(): void {
    process.on("message", (message) => {
      if (isStopMessage(message)) this.#stop(message.signal);
      if (isReopenMessage(message)) process.emit("SIGUSR2", "SIGUSR2");
    });
    // Before the listener of Node, which would end the process at once.
    process.prependOnceListener("disconnect", () => {
      process.getBuiltinModule("node:cluster").worker!.exitedAfterDisconnect = true;
      this.#stop("SIGTERM");
    });
    // They are for the primary, and sent to a whole group would end the workers.
    process.on("SIGHUP", noop).on("SIGUSR2", noop);
  }

  /** Reports to the primary that the server listens. */
  listening({ urls, address }: RunningServer): void {
    this.#isListening = true;
    tell({ kind: "worker listening", url: urls.join(", "), port: address.port });
  }

  /** Counts a request, and asks to be replaced when there were as many as this worker is to serve. */
  served(): void {
    this.#served++;
    // Again after as many more, in case that no new worker could be started.
    if (this.#served % this.#limit === 0) tell({ kind: "worker spent", requests: this.#served });
  }

  /** Reports why the application failed: to the primary, if it has not listened, else on standard error. */
  async failed(text: string): Promise<void> {
    if (this.#isListening || !process.connected) return console.error(text);
    const message: WorkerMessage = { kind: "worker failed", text };
    await new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
  }

  #stop(signal: "SIGINT" | "SIGTERM"): void {
    if (!this.#isStopping) process.emit(signal, signal);
  }
}

function tell(message: WorkerMessage): void {
  // The end of the primary is reported by the channel, not by an error of a message.
  if (process.connected) process.send?.(message, undefined, undefined, noop);
}
