import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProcess } from "../../tools/_process.ts";
import { plant, type Workshop } from "../../tools/mutate.ts";
import type { Mutation } from "../mutations/_mutation.ts";

/** A mistake in the library, and the primitive under which the storm should find it. */
export interface Mistake extends Mutation {
  /** The name of the scenario. */
  readonly primitive: string;
}

const sync = "src/asyncio/sync";
const core = "src/asyncio/core";

/** What the storm must find: each is a cancellation that meets a wake-up, and something is lost. */
export const mistakes: readonly Mistake[] = [
  inFile(
    "Lock",
    `${sync}/lock.ts`,
    "a lock that a cancelled waiter was given is kept",
    'if (runtime.schedule?.hasFault("permit kept") !== true) this.#handOn();',
    "",
  ),
  inFile(
    "Semaphore",
    `${sync}/semaphore.ts`,
    "a permit that a cancelled waiter was given is kept",
    'if (runtime.schedule?.hasFault("permit kept") !== true) this.#handOn();',
    "",
  ),
  inFile(
    "CapacityLimiter",
    `${sync}/capacity-limiter.ts`,
    "a token that a cancelled borrower was given is kept",
    'if (runtime.schedule?.hasFault("permit kept") !== true) this.releaseOnBehalfOf(borrower);',
    "",
  ),
  inFile(
    "Queue",
    `${sync}/queue.ts`,
    "an item that a cancelled consumer was given is dropped",
    'if (runtime.schedule?.hasFault("wake-up not handed on") !== true) this.#promise();',
    "if (this.#store.size > 0) this.#store.take();\n    this.#promise();",
  ),
  inFile(
    "Queue",
    `${sync}/queue.ts`,
    "the wake-up of a cancelled consumer is not handed on",
    'if (runtime.schedule?.hasFault("wake-up not handed on") !== true) this.#promise();',
    "",
  ),
  inFile(
    "Condition",
    `${sync}/condition.ts`,
    "the wake-up of a cancelled waiter is not handed on",
    'if (notified && runtime.schedule?.hasFault("wake-up not handed on") !== true) this.#waiters.wakeOne(undefined);',
    "",
  ),
  inFile(
    "Lock",
    `${core}/park.ts`,
    "a wait that has ended stays in its line",
    "if (this.waiters !== undefined && !isStale()) this.waiters.remove(this as Park);",
    "",
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
