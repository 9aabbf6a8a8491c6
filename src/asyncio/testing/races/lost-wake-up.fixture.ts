import assert from "node:assert/strict";
import { gather } from "../../combine/gather.ts";
import { sleep } from "../../core/waits/sleep.ts";
import { Event } from "../../sync/event.ts";

interface Mailbox {
  put(letter: string): void;
  take(): Promise<string>;
}

/** Finds the mailbox empty, logs that, and only then starts to wait: it misses an item that arrives in between. */
class BrokenMailbox implements Mailbox {
  readonly #letters: string[] = [];
  readonly #arrived = new Event({ name: "arrived" });

  put(letter: string): void {
    this.#letters.push(letter);
    this.#arrived.set();
  }

  async take(): Promise<string> {
    if (this.#letters.length === 0) {
      await sayThatItIsEmpty();
      this.#arrived.clear();
      await this.#arrived.wait();
    }
    return this.#letters.shift()!;
  }
}

/** Checks again after each wait, and does not wait for anything else between the check and the wait for the event. */
class MendedMailbox implements Mailbox {
  readonly #letters: string[] = [];
  readonly #arrived = new Event({ name: "arrived" });

  put(letter: string): void {
    this.#letters.push(letter);
    this.#arrived.set();
  }

  async take(): Promise<string> {
    if (this.#letters.length === 0) await sayThatItIsEmpty();
    while (this.#letters.length === 0) {
      this.#arrived.clear();
      await this.#arrived.wait();
    }
    return this.#letters.shift()!;
  }
}

function sayThatItIsEmpty(): Promise<void> {
  return sleep(1);
}

async function deliver(mailbox: Mailbox): Promise<void> {
  const [letter] = await gather(
    () => mailbox.take(),
    async () => {
      await sleep(1);
      mailbox.put("hello");
    },
  );
  assert.equal(letter, "hello");
}

export const broken = (): Promise<void> => deliver(new BrokenMailbox());
export const mended = (): Promise<void> => deliver(new MendedMailbox());
