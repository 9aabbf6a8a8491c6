// The threads of the process. As many jobs run at once as there are processors; further jobs wait in a queue. A thread
// without a job is kept for ten seconds, for the next job.

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
  /** How many threads are kept for the next job. */
  readonly idle: number;
  /** How many further jobs could begin at once. */
  readonly free: number;
  /** How many jobs wait for others to end. */
  readonly waiting: number;
}

/** @internal Runs jobs in threads. */
export class ThreadPool implements Resource {
  /** The kind of resource, as shown by inspectors. */
  readonly kind = "threads";
  readonly #size: number;
  readonly #idle: Map<Thread, NodeJS.Timeout> = new Map();
  readonly #running: Map<Thread, Task<unknown> | undefined> = new Map();
  readonly #queue = new WaitQueue();
  #free: number;

  constructor(size: number = os().availableParallelism()) {
    this.#size = this.#free = size;
  }

  /** The tasks that have a running job. */
  holders(): Set<Task<unknown>> {
    return new Set([...this.#running.values()].filter((task) => task !== undefined));
  }

  /** The number of running jobs, in words. */
  usage(): string {
    return `${this.#size - this.#free} of ${this.#size} busy`;
  }

  /** Runs a job as soon as it reaches the front of the queue. */
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
          giveBack: () => {}, // the answer of a cancelled job is dropped
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
