import { Event, Lock, sleep } from "../../asyncio/index.ts";
import { Backoff } from "./backoff.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** Starts a worker with a number, and waits until it listens or has ended. */
export type OpenWorker = (number: number) => Promise<WorkerProcess>;

/** The place of one worker: when its process ends, another one takes it. */
export class WorkerSlot {
  /** The number of its workers, from 1. */
  readonly number: number;
  readonly #open: OpenWorker;
  readonly #backoff = new Backoff();
  /** Held while a process is started, so that a replacement and a crash never start two. */
  readonly #opening: Lock;
  readonly #filled: Event;
  #current: WorkerProcess | undefined;

  constructor(number: number, open: OpenWorker) {
    this.number = number;
    this.#open = open;
    this.#opening = new Lock({ name: `start of worker ${number}` });
    this.#filled = new Event({ name: `worker ${number} listening` });
  }

  /** The process that has the place. */
  get current(): WorkerProcess | undefined {
    return this.#current;
  }

  /** Waits until a process has listened here for the first time. */
  async filled(): Promise<void> {
    await this.#filled.wait();
  }

  /**
   * Starts the first process of this place.
   *
   * @returns Whether it listens.
   */
  async begin(): Promise<boolean> {
    return (await this.#opening.with(() => this.#refill())).isListening;
  }

  /** Keeps a process running, until it is cancelled. */
  async keep(): Promise<never> {
    for (;;) {
      const worker = await this.#opening.with(() => this.#refill());
      if (worker.isListening) await worker.over();
      // One that was replaced has ended as it should.
      if (this.#current !== worker) continue;
      const pause = this.#backoff.next(worker.ranFor);
      console.error(describeCrash(worker, pause));
      await sleep(pause);
    }
  }

  /**
   * Starts a new process, and has the old one drain and end once the new one listens. If the new one does not listen, the
   * old one keeps the place.
   *
   * @param why - The reason in the message about the old process, as a relative clause.
   * @returns Why the new one does not listen; `undefined` if it does.
   */
  async replace(why: string): Promise<string | undefined> {
    const old = this.#current;
    const fresh = await this.#opening.with(() => this.#exchange());
    if (fresh !== this.#current) return fresh.failure;
    console.log(`Worker ${this.number} (pid ${fresh.pid}) replaces pid ${old?.pid}${why}`);
    await old?.stop("SIGTERM");
    return undefined;
  }

  async #exchange(): Promise<WorkerProcess> {
    const fresh = await this.#open(this.number);
    if (fresh.isListening) this.#current = fresh;
    return fresh;
  }

  async #refill(): Promise<WorkerProcess> {
    if (this.#current?.isRunning === true) return this.#current;
    const isFirst = !this.#filled.isSet();
    this.#current = await this.#open(this.number);
    if (!this.#current.isListening) return this.#current;
    this.#filled.set();
    if (!isFirst) console.log(`Worker ${this.number} (pid ${this.#current.pid}) listens`);
    return this.#current;
  }
}

function describeCrash(worker: WorkerProcess, pause: number): string {
  const { number, pid, place } = worker;
  if (place !== undefined)
    return `Worker ${number} (pid ${pid}) ${worker.describeEnd()}: starting another in ${pause} ms`;
  return `Worker ${number} (pid ${pid}) could not start: trying again in ${pause} ms\n${worker.failure}`;
}
