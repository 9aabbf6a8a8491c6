// A command that waits on the server, and how it is cancelled there.
//
// "CLIENT UNBLOCK id ERROR", sent over another connection, ends the command by an error and takes nothing. Two races
// are left, as the two connections know nothing of each other:
//
// - It may overtake the command. The server says that no client was blocked, and is asked again.
// - A value may come just before it. Then the command succeeds; what it took is put back where it came from.
//
// The connection is used again only when both the command and the last CLIENT UNBLOCK have been answered: one that is
// still under way would otherwise hit the next user of the connection.

import { callExceptionHandler, type CancelledError, outside, type Park, park } from "../../asyncio/index.ts";
import { nextSlice } from "./blocking-slices.ts";
import type { Wire } from "./wire.ts";
import type { Request } from "./request.ts";
import { undoBlockingPop } from "./undo-blocking-pop.ts";

// A server that does not answer CLIENT UNBLOCK for so long, in milliseconds, loses the connection.
const unblockTimeout = 2_000;
const longestPause = 50;

/** @internal The connection that a blocking command has for itself. */
export interface BlockingSlot {
  readonly wire: Wire;
  /** The server's number for that connection. */
  readonly id: number;
  /** How long the server may wait in one go, in milliseconds. */
  readonly longestSlice: number;
  /** Gives a connection to send CLIENT UNBLOCK over. */
  readonly control: () => Promise<Wire>;
  /** Called once, when the connection is free. */
  readonly release: () => void;
}

/** @internal One blocking command on its way. */
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

  /** Runs it. The strings of the reply are bytes. */
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

  /** Sends the command, slice by slice, until it has a value or its time is over. */
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
    // With its connection goes the command, whatever becomes of CLIENT UNBLOCK.
    if (!this.#isAnswered) this.#unblocking = outside(() => Promise.race([this.#unblock(), this.#slot.wire.ended]));
  }

  async #unblock(): Promise<void> {
    const { wire, id, control } = this.#slot;
    const late = setTimeout(() => wire.destroy(), unblockTimeout);
    try {
      const other = await control();
      for (let pause = 1; !this.#isAnswered; pause = Math.min(2 * pause, longestPause)) {
        const hit = await other.send({ name: "CLIENT", args: ["UNBLOCK", String(id), "ERROR"], binary: false });
        // Once it was hit, its answer is on its way.
        await (hit === 1 ? this.#answered(wire) : new Promise((resolve) => setTimeout(resolve, pause)));
      }
    } catch {
      // The server cannot be told. It gives the command up with the connection.
      wire.destroy();
    } finally {
      clearTimeout(late);
    }
  }

  // The answer to a command that is sent after it comes after it.
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
