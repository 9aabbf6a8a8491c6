import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProcess } from "../../tools/_process.ts";
import { plant, type Workshop } from "../../tools/_workshop.ts";
import type { Mutation } from "../mutations/_mutation.ts";

/** A mistake in the library, and the primitive under which the storm should find it. */
export interface Mistake extends Mutation {
  /** The name of the scenario. */
  readonly primitive: string;
}

const sync = "src/asyncio/sync";
const core = "src/asyncio/core";

/** What the storm must find: most are of a cancellation that meets a wake-up, and something is lost. */
export const mistakes: readonly Mistake[] = [
  inFile(
    "Lock",
    `${sync}/lock.ts`,
    "a lock that a cancelled waiter was given is kept",
    "giveBack: (hold: Hold): void => this.releaseHold(hold)",
    "giveBack: () => undefined",
  ),
  inFile(
    "Semaphore",
    `${sync}/semaphore.ts`,
    "a permit that a cancelled waiter was given is kept",
    "giveBack: (): void => this.#handOn()",
    "giveBack: () => undefined",
  ),
  inFile(
    "CapacityLimiter",
    `${sync}/capacity-limiter.ts`,
    "a token that a cancelled borrower was given is kept",
    "giveBack: () => this.releaseOnBehalfOf(borrower)",
    "giveBack: () => undefined",
  ),
  inFile(
    "Queue",
    `${sync}/queue.ts`,
    "an item that a cancelled consumer was given is dropped",
    "this.#promise();\n      throw pending;",
    "if (this.#store.size > 0) this.#store.take();\n      this.#promise();\n      throw pending;",
  ),
  inFile(
    "Queue",
    `${sync}/queue.ts`,
    "the wake-up of a cancelled consumer is not handed on",
    "this.#promise();\n      throw pending;",
    "throw pending;",
  ),
  inFile(
    "Condition",
    `${sync}/condition.ts`,
    "the wake-up of a cancelled waiter is not handed on",
    "if (notified) this.#waiters.serve();",
    "",
  ),
  inFile(
    "Condition lost",
    `${sync}/condition.ts`,
    "a cancelled wait for a condition ends without its lock",
    "await this.#relock(scope, hold, notified);",
    "if (notified) await this.#relock(scope, hold, notified);",
  ),
  inFile(
    "Semaphore",
    `${core}/waits/wait-queue.ts`,
    "a wait that has ended stays in its line",
    "if (first.isWaiting) return first;",
    "if (this.#size > 0) return first;",
  ),
  inFile(
    "Promise.allSettled",
    `${core}/scopes/delivery.ts`,
    "a cancellation stops only the first of several waits that begin together",
    "if (takenNow.push(scope) === 1) queueMicrotask(endStep);",
    "clearPending(scope);",
  ),
  inFile(
    "signal left",
    `${core}/scopes/delivery.ts`,
    "a listener to a signal eats the cancellation",
    "if (!heard || keepsPending) markPending(scope);",
    "if ((!heard && !wasSignalled) || keepsPending) markPending(scope);",
  ),
  inFile(
    "signal heard",
    `${core}/scopes/hearing.ts`,
    "code that was thrown out by a signal is thrown out again",
    "return steps.some((step) => step !== undefined && step < this.#step);",
    "return steps.length === 0;",
  ),
];

function inFile(primitive: string, file: string, mistake: string, find: string, put: string): Mistake {
  return { primitive, file, mistake, find, put, tests: [] };
}

/** Plants a mistake in a copy of the repository, storms there, and takes it out again; gives what the storm printed. */
export async function stormOver(
  workshop: Workshop,
  mistake: Mistake,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string; readonly ms: number }> {
  const path = join(workshop.folder, mistake.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, plant(source, mistake));
  const storm = ["test/storm/storm.ts", "--primitive", mistake.primitive, ...args];
  try {
    return await runProcess(process.execPath, storm, { cwd: workshop.folder, limit: 60_000 });
  } finally {
    writeFileSync(path, source);
  }
}
