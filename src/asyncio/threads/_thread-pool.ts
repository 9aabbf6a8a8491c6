// The threads of the process: as many jobs run at once as there are processors, and further jobs wait in line. A thread
// is kept for the next job, or for ten seconds.

import { os } from "../../base/node.ts";
import {
  currentScope,
  currentTask,
  outside,
  park,
  type Resource,
  type Task,
  throwPending,
  WaitQueue,
} from "../core/index.ts";
import { type Answer, describeJob, type Job, type NeverBegun, Thread } from "./_thread.ts";

/** How long a thread without a job is kept, in milliseconds. */
const idleTime = 10_000;

/** @internal Current counts of a {@link ThreadPool}. */
export interface ThreadStatistics {
  /** Threads that are kept for the next job. */
  readonly idle: number;
  /** Jobs that could begin at once. */
  readonly free: number;
  /** Jobs that wait for others to end. */
  readonly waiting: number;
}

/** @internal Runs jobs in threads. */
export class ThreadPool implements Resource {
  /** The kind of thing, as shown by inspectors. */
  readonly kind = "threads";
  readonly #size: number;
  readonly #idle: Map<Thread, NodeJS.Timeout> = new Map();
  readonly #running: Map<Thread, Task<unknown> | undefined> = new Map();
  readonly #queue = new WaitQueue();
  #free: number;

  constructor(size: number = os().availableParallelism()) {
    this.#size = this.#free = size;
  }

  /** The tasks whose jobs run. */
  holders(): Set<Task<unknown>> {
    return new Set([...this.#running.values()].filter((task) => task !== undefined));
  }

  /** How many jobs run, in words. */
  usage(): string {
    return `${this.#size - this.#free} of ${this.#size} busy`;
  }

  /** Runs a job when its turn has come. */
  async run(job: Job): Promise<Answer> {
    await this.#acquire();
    try {
      let answer = await this.#perform(job);
      while ("begun" in answer) answer = await this.#perform(job);
      return answer;
    } finally {
      this.#release();
    }
  }

  async #acquire(): Promise<void> {
    if (this.#free === 0) return this.#queue.wait(this, { giveBack: () => this.#release() });
    throwPending(currentScope());
    this.#free--;
  }

  #release(): void {
    if (this.#queue.serve() === undefined) this.#free++;
  }

  async #perform(job: Job): Promise<Answer | NeverBegun> {
    const thread = this.#hire();
    this.#running.set(thread, currentTask());
    try {
      return await park<Answer | NeverBegun>(
        { kind: "thread", name: describeJob(job) },
        (wait) => thread.start(job, wait),
        {
          onCancel: (error, wait) => void thread.end().then(() => wait.fail(error)),
          giveBack: () => {}, // the answer of a job that was cancelled is dropped
        },
      );
    } finally {
      this.#running.delete(thread);
      this.#keep(thread);
    }
  }

  #hire(): Thread {
    const [first] = this.#idle.keys();
    if (first !== undefined) {
      this.#forget(first);
      return first;
    }
    const thread: Thread = new Thread(() => this.#forget(thread));
    return thread;
  }

  #keep(thread: Thread): void {
    thread.rest();
    if (!thread.isReusable) {
      void thread.end();
      return;
    }
    const timer = outside(setTimeout, () => void thread.end(), idleTime);
    timer.unref();
    this.#idle.set(thread, timer);
  }

  #forget(thread: Thread): void {
    clearTimeout(this.#idle.get(thread));
    this.#idle.delete(thread);
  }

  /** Current counts, for monitoring. */
  statistics(): ThreadStatistics {
    return { idle: this.#idle.size, free: this.#free, waiting: this.#queue.size };
  }
}
