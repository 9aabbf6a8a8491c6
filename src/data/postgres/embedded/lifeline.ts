import { connect as connectSocket, type Socket } from "node:net";
import { outside, park } from "../../../asyncio/index.ts";
import { codeOf } from "../../../base/error-code.ts";

/** How long the supervisor may take to answer, in milliseconds. */
const answerLimit = 2_000;

/** How long the server and its supervisor may take to end, in milliseconds. */
const stopLimit = 12_000;

/**
 * @internal A connection to the supervisor of a server. The server runs as long as there is such a connection. It does
 * not keep this process alive: if a program does not stop the server, the server is stopped when the program ends.
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
   * @param onBroken - Called if the supervisor ends unexpectedly.
   * @returns `"gone"` if nothing listens there; `undefined` if the supervisor does not answer or is about to end.
   * @throws {CancelledError} If the call is cancelled.
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

  /**
   * Releases the server, and waits for its end if no other process holds it. This cannot be cancelled, but has a time
   * limit of its own.
   */
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
