import assert from "node:assert/strict";
import { createTask } from "../../core/tasks/task.ts";
import { sleep } from "../../core/waits/sleep.ts";
import { Queue } from "../../sync/queue.ts";

/** A database that refuses writes once it is closed. */
class Database {
  readonly rows: number[] = [];
  #isOpen = true;

  write(row: number): void {
    assert.ok(this.#isOpen, "the database is closed");
    this.rows.push(row);
  }

  close(): void {
    this.#isOpen = false;
  }
}

type Stop = (jobs: Queue<number>) => Promise<void>;

/** Waits until no job is in the queue, but the last job may still be running. */
async function brokenStop(jobs: Queue<number>): Promise<void> {
  while (!jobs.empty) await sleep(3);
}

/** Waits until every job is done. */
async function mendedStop(jobs: Queue<number>): Promise<void> {
  await jobs.join();
}

async function serve(stop: Stop): Promise<void> {
  const jobs = new Queue<number>(10, { name: "jobs" });
  const database = new Database();
  const worker = createTask(() => work(jobs, database), { name: "worker" });
  for (const job of [1, 2, 3]) await jobs.put(job);
  await sleep(3);
  await stop(jobs);
  database.close();
  jobs.shutdown();
  await worker;
  assert.deepEqual(database.rows, [1, 2, 3]);
}

async function work(jobs: Queue<number>, database: Database): Promise<void> {
  for await (const job of jobs) {
    await sleep(1);
    database.write(job);
    jobs.taskDone();
  }
}

export const broken = (): Promise<void> => serve(brokenStop);
export const mended = (): Promise<void> => serve(mendedStop);
