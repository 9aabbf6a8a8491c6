import assert from "node:assert/strict";
import { createTask, type Task } from "../../core/tasks/task.ts";
import { sleep } from "../../core/waits/sleep.ts";
import { gather } from "../../combine/gather.ts";

/** A file that can be closed once. */
class Handle {
  isOpen = true;

  release(): void {
    assert.ok(this.isOpen, "it is closed already");
    this.isOpen = false;
  }
}

/** Writes its buffer, then closes its handle. A second caller meanwhile does the same. */
class BrokenWriter {
  readonly handle = new Handle();
  #isClosed = false;

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await sleep(3); // writes the buffer
    this.handle.release();
    this.#isClosed = true;
  }
}

/** Closes once, for all callers. */
class MendedWriter {
  readonly handle = new Handle();
  #closing: Task<void> | undefined;

  async close(): Promise<void> {
    this.#closing ??= createTask(() => this.#close(), { name: "close" });
    await this.#closing;
  }

  async #close(): Promise<void> {
    await sleep(3);
    this.handle.release();
  }
}

async function use(writer: BrokenWriter | MendedWriter): Promise<void> {
  const idle = async (): Promise<void> => {
    await sleep(10);
    await writer.close();
  };
  const user = async (): Promise<void> => {
    await sleep(10);
    await sleep(3);
    await writer.close();
  };
  await gather(createTask(idle, { name: "idle" }), createTask(user, { name: "user" }));
  assert.equal(writer.handle.isOpen, false);
}

export const broken = (): Promise<void> => use(new BrokenWriter());
export const mended = (): Promise<void> => use(new MendedWriter());
