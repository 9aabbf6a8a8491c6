// A blocking command, and how it is cancelled on the server.
//
// "CLIENT UNBLOCK id ERROR", sent over another connection, makes the command fail without taking a value. Two races
// remain, because the two connections are independent:
//
// - It may arrive before the command. Then the server answers that no client was blocked, and it is sent again.
// - A value may arrive just before it. Then the command succeeds, and the value that it took is put back where it came
//   from.
//
// The connection is used again only when both the command and the last CLIENT UNBLOCK have been answered. Otherwise a
// late CLIENT UNBLOCK could affect the next user of the connection.

import { callExceptionHandler, type CancelledError, outside, type Park, park } from "../../asyncio/index.ts";
import { nextSlice } from "./blocking-slices.ts";
import type { Wire } from "./wire.ts";
import type { Request } from "./request.ts";
import { undoBlockingPop } from "./undo-blocking-pop.ts";

// How long the server may take to end the command after CLIENT UNBLOCK, in milliseconds. After that the connection is
// closed.
const unblockTimeout = 2_000;
const longestPause = 50;

/** @internal The dedicated connection of a blocking command. */
export interface BlockingSlot {
  readonly wire: Wire;
  /** The server's ID of that connection. */
  readonly id: number;
  /** The maximum duration of one slice of the wait, in milliseconds. */
  readonly longestSlice: number;
  /** Returns a connection for CLIENT UNBLOCK. */
  readonly control: () => Promise<Wire>;
  /** Called once, when the connection is free. */
  readonly release: () => void;
}

/** @internal A running blocking command. */
export class BlockingCall {
  readonly #slot: BlockingSlot;
  readonly #request: Request<unknown>;
  #cancelled: CancelledError | undefined;
  #unblocking: Promise<void> | undefined;
  #isAnswered = false;

  constructor(slot: BlockingSlot, request: Request<unknown>) {
    this.#slot = slot;
    this.#request = request;
  }

  /** Runs the command. Strings in the reply are bytes. */
  async run(): Promise<unknown> {
    let isBegun = false;
    const start = (wait: Park<unknown>): void => {
      isBegun = true;
      outside(() => void this.#call(wait));
    };
    try {
      const { name, args } = this.#request;
      const onCancel = (error: CancelledError): void => this.#cancel(error);
      return await park({ kind: `redis ${name}`, name: String(args[0]) }, start, { onCancel });
    } finally {
      if (!isBegun) this.#slot.release();
    }
  }

  async #call(wait: Park<unknown>): Promise<void> {
    const [reply, failure] = await this.#send().then(
      (value): [unknown, undefined] => [value, undefined],
      (error: unknown): [undefined, unknown] => [undefined, error],
    );
    this.#isAnswered = true;
    await this.#unblocking;
    const isTaken = this.#cancelled === undefined && (failure === undefined ? wait.wake(reply) : wait.fail(failure));
    if (!isTaken && failure === undefined) await this.#putBack(reply);
    this.#slot.release();
    wait.fail(this.#cancelled);
  }

  /** Sends the command, slice by slice, until it returns a value or its time is over. */
  async #send(): Promise<unknown> {
    const { wire, longestSlice } = this.#slot;
    const { name } = this.#request;
    for (let waited = 0; ;) {
      const { args, wait, isLast } = nextSlice(this.#request, waited, longestSlice);
      const reply = await wire.send({ name, args, binary: true }, wait);
      if (reply !== null || isLast || this.#cancelled !== undefined) return reply;
      waited += wait;
    }
  }

  #cancel(error: CancelledError): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = error;
    // If the connection ends, the command has ended too, and the answer to CLIENT UNBLOCK does not matter.
    if (!this.#isAnswered) this.#unblocking = outside(() => Promise.race([this.#unblock(), this.#slot.wire.ended]));
  }

  async #unblock(): Promise<void> {
    const { wire, id, control } = this.#slot;
    const late = setTimeout(() => wire.destroy(), unblockTimeout);
    try {
      const other = await control();
      for (let pause = 1; !this.#isAnswered; pause = Math.min(2 * pause, longestPause)) {
        const hit = await other.send({ name: "CLIENT", args: ["UNBLOCK", String(id), "ERROR"], binary: false });
        // If the command was unblocked, its answer follows.
        await (hit === 1 ? this.#answered(wire) : new Promise((resolve) => setTimeout(resolve, pause)));
      }
    } catch {
      // CLIENT UNBLOCK could not be sent. The server drops the command when the connection is closed.
      wire.destroy();
    } finally {
      clearTimeout(late);
    }
  }

  // Waits until the blocking command is answered: replies come in the order of the commands, so the reply to PING comes
  // after it.
  async #answered(wire: Wire): Promise<void> {
    await wire.send({ name: "PING", args: [], binary: false });
  }

  async #putBack(reply: unknown): Promise<void> {
    const command = undoBlockingPop(this.#request, reply);
    if (command === undefined) return;
    try {
      await this.#slot.wire.send(command);
    } catch (error) {
      const [key] = command.args;
      const message = `Cannot put back what ${this.#request.name} took from ${String(key)} just as it was cancelled`;
      callExceptionHandler({ message, error });
    }
  }
}
