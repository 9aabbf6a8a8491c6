// A command that waits on the server, and how it is called off.
//
// "CLIENT UNBLOCK id ERROR", sent over another connection, ends the command by an error and takes nothing. Two races
// are left, as the two connections know nothing of each other:
//
// - The call-off may overtake the command. The server says that nobody was blocked, and we ask again.
// - A value may come just before the call-off. Then the command succeeds; what it took is put back where it came from.
//
// The connection is used again only when both the command and the last call-off have been answered: a call-off that is
// still under way would otherwise hit whoever has the connection next.

import { callExceptionHandler, type CancelledError, outside, type Park, park } from "../../asyncio/index.ts";
import { giveBackCommand } from "./give-back.ts";
import type { Link } from "./link.ts";
import type { Request } from "./request.ts";

// A server that does not answer a call-off for so long, in milliseconds, loses the connection.
const patience = 2_000;

/** @internal What a blocking call needs. */
export interface BlockingLine {
  /** The connection that it has for itself. */
  readonly link: Link;
  /** What the server calls that connection. */
  readonly id: number;
  /** Gives a connection to send the call-off over. */
  readonly control: () => Promise<Link>;
  /** Called once, when the connection is free. */
  readonly release: () => void;
}

/** @internal One blocking command on its way. */
export class BlockingCall {
  readonly #line: BlockingLine;
  readonly #request: Request<unknown>;
  #cancelled: CancelledError | undefined;
  #callingOff: Promise<void> | undefined;
  #isAnswered = false;

  constructor(line: BlockingLine, request: Request<unknown>) {
    this.#line = line;
    this.#request = request;
  }

  /** Runs it. The reply comes with its strings as bytes. */
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
      if (!isBegun) this.#line.release();
    }
  }

  async #call(wait: Park<unknown>): Promise<void> {
    const { link, release } = this.#line;
    const { name, args } = this.#request;
    const [reply, failure] = await link.send({ name, args, binary: true }).then(
      (value): [unknown, undefined] => [value, undefined],
      (error: unknown): [undefined, unknown] => [undefined, error],
    );
    this.#isAnswered = true;
    await this.#callingOff;
    const isHeard = this.#cancelled === undefined && (failure === undefined ? wait.wake(reply) : wait.fail(failure));
    if (!isHeard && failure === undefined) await this.#giveBack(reply);
    release();
    wait.fail(this.#cancelled);
  }

  #cancel(error: CancelledError): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = error;
    // With its connection goes the command, whatever becomes of the call-off.
    if (!this.#isAnswered) this.#callingOff = outside(() => Promise.race([this.#callOff(), this.#line.link.ended]));
  }

  async #callOff(): Promise<void> {
    const { link, id, control } = this.#line;
    const late = setTimeout(() => link.destroy(), patience);
    try {
      const other = await control();
      for (let pause = 1; !this.#isAnswered; pause = Math.min(2 * pause, 50)) {
        const hit = await other.send({ name: "CLIENT", args: ["UNBLOCK", String(id), "ERROR"], binary: false });
        // Once it was hit, its answer is on its way.
        await (hit === 1 ? this.#answered(link) : new Promise((resolve) => setTimeout(resolve, pause)));
      }
    } catch {
      // Nobody can tell the server. It gives the command up with the connection.
      link.destroy();
    } finally {
      clearTimeout(late);
    }
  }

  // The answer to a command that is sent after it comes after it.
  async #answered(link: Link): Promise<void> {
    await link.send({ name: "PING", args: [], binary: false });
  }

  async #giveBack(reply: unknown): Promise<void> {
    const command = giveBackCommand(this.#request, reply);
    if (command === undefined) return;
    try {
      await this.#line.link.send(command);
    } catch (error) {
      const [key] = command.args;
      const message = `Cannot put back what ${this.#request.name} took from ${String(key)} just as it was cancelled`;
      callExceptionHandler({ message, error });
    }
  }
}
