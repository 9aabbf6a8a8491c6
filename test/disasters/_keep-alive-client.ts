/**
 * A client that asks one thing after the other on one connection, tries nothing twice, and learns late that a connection was
 * closed: while it has nothing to ask it does not look at it, as if what the server sends were on its way for as long. A server
 * that closes idle connections loses each request of such a client.
 */

import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** How a client was served. */
export interface Served {
  /** How many requests it has sent. */
  readonly asked: number;
  /** How many answers it has had. */
  readonly answered: number;
  /** Whether the last answer said that the connection is closed. */
  readonly wasTold: boolean;
}

/** A client with a connection of its own. */
export class KeepAliveClient {
  asked = 0;
  answered = 0;
  wasTold = false;
  readonly #socket: Socket;
  #isClosed = false;

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1").on("error", () => undefined);
    this.#socket.on("close", () => (this.#isClosed = true)).pause();
  }

  /**
   * Asks until it is told that the connection is closed, or a request is lost.
   *
   * @param pause How long it has nothing to ask after each answer, in milliseconds.
   */
  async run(pause: number): Promise<Served> {
    while (!this.wasTold) {
      const head = await this.#ask();
      if (head === undefined) break;
      this.answered++;
      this.wasTold = /^Connection: close\r$/im.test(head);
      if (!this.wasTold) await delay(pause);
    }
    this.#socket.destroy();
    return this;
  }

  /** The answer; nothing, if the connection ends before it. */
  #ask(): Promise<string | undefined> {
    const socket = this.#socket;
    this.asked++;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    let text = "";
    const received = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      if (text.endsWith("\r\n\r\nserved")) resolve(text);
    };
    const closed = (): void => resolve(undefined);
    if (this.#isClosed) closed();
    socket.on("data", received).once("end", closed).once("close", closed).resume();
    socket.write("GET /5 HTTP/1.1\r\nHost: a\r\n\r\n");
    return promise.finally(() => socket.off("data", received).off("end", closed).off("close", closed).pause());
  }
}
