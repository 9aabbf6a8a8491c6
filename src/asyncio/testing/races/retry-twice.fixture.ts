import assert from "node:assert/strict";
import { timeout } from "../../combine/timeout.ts";
import { TimeoutError } from "../../core/errors/errors.ts";
import { createTask } from "../../core/tasks/task.ts";
import { sleep } from "../../core/waits/sleep.ts";
import { shield } from "../../combine/shield.ts";
import type { ExploreOptions } from "../explore/explore-options.ts";

// The bank usually answers within the time limit, but not always.
export const options: ExploreOptions = { lateness: 5 };

/** A bank that completes each payment, even if the client no longer waits. */
class Bank {
  charges = 0;
  readonly #seen = new Set<string>();

  async charge(key?: string): Promise<void> {
    await shield(createTask(() => this.#charge(key), { name: "bank" }));
  }

  async #charge(key: string | undefined): Promise<void> {
    await sleep(8);
    if (key !== undefined && this.#seen.has(key)) return;
    if (key !== undefined) this.#seen.add(key);
    this.charges++;
  }
}

/** Tries again if no answer came in time, although the bank may have received the first try. */
async function pay(bank: Bank, key?: string): Promise<void> {
  try {
    await timeout(10, () => bank.charge(key));
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    await timeout(100, () => bank.charge(key));
  }
}

async function payOnce(key?: string): Promise<void> {
  const bank = new Bank();
  await createTask(() => pay(bank, key), { name: "client" });
  await sleep(100);
  assert.equal(bank.charges, 1);
}

export const broken = (): Promise<void> => payOnce();
export const mended = (): Promise<void> => payOnce("order 1");
