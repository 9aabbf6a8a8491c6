import cluster, { type Worker } from "node:cluster";
import { fileURLToPath } from "node:url";
import { Event, type ExitSignal, moveOnAfter, outside } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";
import {
  isWorkerMessage,
  portVariable,
  type ReopenMessage,
  type StopMessage,
  type WorkerMessage,
  workerVariable,
} from "./messages.ts";

const command: string = fileURLToPath(new URL("../../../bin/pottle.cjs", import.meta.url));

/** The command that starts all workers. */
export interface WorkerCommand {
  /** The arguments of `pottle` that run the application. */
  readonly args: readonly string[];
}

/** Where a worker listens. */
export interface WorkerPlace {
  /** The address as a URL, or `unix:` and a path. */
  readonly url: string;
  /** The port; 0 for a Unix socket. */
  readonly port: number;
}

/** The options of one worker. */
export interface WorkerOptions {
  /** The number of the worker, from 1. */
  readonly number: number;
  /** The port that it asks the primary for. */
  readonly port: number;
  /** Called when it has served as many requests as it is to serve. */
  readonly onSpent: (worker: WorkerProcess, requests: number) => void;
  /**
   * How long it may take to answer that it stops, in milliseconds, before its event loop counts as blocked.
   * @default 10_000
   */
  readonly answerTimeout?: number;
  /**
   * How long it may take to end once it has answered, in milliseconds, before it is killed. It bounds its drain itself; this
   * is for stop functions of the application, which have as much time as in Hypercorn.
   * @default 60_000
   */
  readonly stopTimeout?: number;
}

/**
 * Prepares this process to start workers. They share each socket, and the system gives a connection to one that is
 * waiting for it (`SCHED_NONE`). Node's default (`SCHED_RR`) has the primary accept all connections and send them on, one
 * after the other. Measured with two workers on Linux, both divide connections evenly. But with a connection for each
 * request, the shared socket serves 10,200 of them a second, and the primary 6,900. And a connection that the primary has
 * accepted is lost if it, or the worker that was sent the connection, is killed.
 */
export function prepareWorkers({ args }: WorkerCommand): void {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  // Standard input stays with the primary: of several readers each would get a part of it.
  cluster.setupPrimary({ exec: command, args: [...args], stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

/** A process that serves the application, as its primary knows it. */
export class WorkerProcess {
  /** The number of the worker; one that replaces another has the same. */
  readonly number: number;
  readonly #worker: Worker;
  readonly #begunAt: number = performance.now();
  readonly #settled: Event;
  readonly #answered: Event;
  readonly #over: Event;
  readonly #onSpent: WorkerOptions["onSpent"];
  readonly #answerTimeout: number;
  readonly #stopTimeout: number;
  #place: WorkerPlace | undefined;
  #failure: string | undefined;
  #ending: number | NodeJS.Signals | undefined;
  #endedAt = 0;
  #isStopping = false;

  constructor({ number, port, onSpent, answerTimeout = 10_000, stopTimeout = 60_000 }: WorkerOptions) {
    this.number = number;
    this.#answerTimeout = answerTimeout;
    this.#stopTimeout = stopTimeout;
    this.#settled = new Event({ name: `worker ${number} settled` });
    this.#answered = new Event({ name: `worker ${number} answering` });
    this.#over = new Event({ name: `worker ${number} over` });
    this.#onSpent = onSpent;
    this.#worker = outside(() => cluster.fork({ [workerVariable]: String(number), [portVariable]: String(port) }));
    const { process: child } = this.#worker;
    child.on("message", (message) => {
      if (isWorkerMessage(message)) this.#receive(message);
    });
    // "close", not "exit": by then all its messages are here.
    child.once("close", (code, signal) => this.#ended(code ?? signal ?? 1));
    this.#worker.on("error", (error) => {
      this.#failure ??= `The system cannot start a process: ${error.message}`;
      this.#ended(1);
    });
  }

  /** The process id. */
  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  /** Where it listens; `undefined` before that. */
  get place(): WorkerPlace | undefined {
    return this.#place;
  }

  /** Whether it takes connections. */
  get isListening(): boolean {
    return this.#place !== undefined && this.#ending === undefined && !this.#isStopping;
  }

  /** Whether the process has not ended. */
  get isRunning(): boolean {
    return this.#ending === undefined;
  }

  /** The exit code, or the signal that ended it; `undefined` as long as it runs. */
  get ending(): number | NodeJS.Signals | undefined {
    return this.#ending;
  }

  /** How long it has run, in milliseconds. */
  get ranFor(): number {
    return (this.isRunning ? performance.now() : this.#endedAt) - this.#begunAt;
  }

  /** Why it could not listen: the application's own error, or how the process ended. */
  get failure(): string {
    return this.#failure ?? `Worker ${this.number} (pid ${this.pid}) ${this.describeEnd()} before it listened`;
  }

  /** How it ended, as the end of a sentence. */
  describeEnd(): string {
    return typeof this.#ending === "string" ? `was ended by ${this.#ending}` : `ended with ${this.#ending}`;
  }

  /** Waits until it listens, or has ended. */
  async settled(): Promise<void> {
    await this.#settled.wait();
  }

  /** Waits until it has ended. */
  async over(): Promise<void> {
    await this.#over.wait();
  }

  /** Has it stop as after `signal`, and waits for its end; kills it if it does not answer, or does not end in time. */
  async stop(signal: ExitSignal): Promise<void> {
    this.#isStopping = true;
    if (!this.isRunning) return;
    this.#send({ kind: "stop worker", signal });
    await moveOnAfter(this.#answerTimeout, () => this.#answered.wait());
    if (!this.#answered.isSet()) return await this.#killAs("does not answer as its event loop is blocked");
    await moveOnAfter(this.#stopTimeout, () => this.over());
    if (this.isRunning) await this.#killAs("does not stop");
  }

  /** Has it open its log files anew. */
  reopenLogs(): void {
    this.#send({ kind: "reopen logs" });
  }

  /** Ends it at once. */
  kill(): void {
    if (this.isRunning) this.#worker.process.kill("SIGKILL");
  }

  async #killAs(reason: string): Promise<void> {
    console.error(`Worker ${this.number} ${reason}: killing its process ${this.pid}`);
    this.kill();
    await this.over();
  }

  #receive(message: WorkerMessage): void {
    if (message.kind === "worker stopping") this.#answered.set();
    if (message.kind === "worker failed") this.#failure = message.text;
    if (message.kind === "worker spent") this.#onSpent(this, message.requests);
    if (message.kind !== "worker listening") return;
    this.#place = message;
    this.#settled.set();
  }

  #ended(ending: number | NodeJS.Signals): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#endedAt = performance.now();
    this.#settled.set();
    this.#answered.set();
    this.#over.set();
  }

  #send(message: StopMessage | ReopenMessage): void {
    // A worker that has ended cannot be reached, and its end is about to be reported.
    if (this.#worker.isConnected()) this.#worker.send(message, noop);
  }
}
