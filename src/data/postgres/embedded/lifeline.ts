import { connect as connectSocket, type Socket } from "node:net";
import { outside, park } from "../../../asyncio/index.ts";
import { codeOf } from "../../../base/error-code.ts";

/** How long the supervisor may take to answer, in milliseconds. */
const answerLimit = 2_000;

/** How long all may take to end, in milliseconds. */
const stopLimit = 12_000;

/**
 * @internal A connection to the supervisor of a server: as long as it is there, the server is. It does not hold this
 * process open: who forgets to stop the server has it stopped at the end.
 */
export class Lifeline {
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #isEnding = false;

  private constructor(socket: Socket, onBroken: () => void) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => {
      socket.once("close", () => {
        resolve();
        if (!this.#isEnding) onBroken();
      });
    });
    socket.resume().unref();
  }

  /**
   * Connects to the supervisor that listens on `port`.
   *
   * @param onBroken - Called if the supervisor ends although nobody asked for that.
   * @returns `"gone"` if nothing listens there, and nothing if the supervisor does not answer, or is about to end.
   * @throws {CancelledError} If it is cancelled.
   */
  static join(port: number, token: string, onBroken: () => void): Promise<Lifeline | "gone" | undefined> {
    let socket: Socket | undefined;
    return park<Lifeline | "gone" | undefined>(
      { kind: "process", name: "supervisor of postgres" },
      (wait) => {
        const own = outside(() => connectSocket({ host: "127.0.0.1", port }));
        let isGone = false;
        socket = own.setTimeout(answerLimit, () => own.destroy());
        own.on("error", (error) => void (isGone = codeOf(error) === "ECONNREFUSED")); // `close` follows
        own.once("close", () => wait.wake(isGone ? "gone" : undefined));
        own.once("connect", () => own.write(token));
        own.once("data", () => wait.wake(outside(() => new Lifeline(own.setTimeout(0), onBroken))));
      },
      {
        onCancel: (error, wait) => {
          socket?.destroy();
          wait.fail(error);
        },
      },
    );
  }

  /** Lets go of the server; waits for its end, if nobody else holds it. Not to be interrupted: it has a bound of its own. */
  release(): Promise<void> {
    this.#isEnding = true;
    this.#socket.ref();
    return outside(async () => {
      const limit = setTimeout(() => this.#socket.destroy(), stopLimit);
      this.#socket.end();
      await this.#closed;
      clearTimeout(limit);
    });
  }
}
