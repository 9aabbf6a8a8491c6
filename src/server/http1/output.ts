import type { Socket } from "node:net";
import type { Http1Exchange } from "./exchange.ts";

/** What is sent on a connection, and the exchanges whose responses were sent and have not left. */
export class Output {
  readonly #socket: Socket;
  readonly #leaving: Http1Exchange[] = [];
  #isCorked = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The exchanges whose responses were sent and have not left. */
  get leaving(): readonly Http1Exchange[] {
    return this.#leaving;
  }

  /** Whether something waits to leave. */
  get isWaiting(): boolean {
    return this.#leaving.length > 0 || this.#socket.writableLength > 0;
  }

  /**
   * Sends text of one byte a character, and bytes behind it. Returns whether there is room for more.
   *
   * @param gathers Whether more is to follow in this turn: the responses to requests that came in one piece leave in one piece.
   */
  send(text: string, bytes: Uint8Array | undefined, gathers: boolean): boolean {
    const socket = this.#socket;
    if (gathers) this.#cork();
    if (bytes === undefined || bytes.byteLength === 0) return text === "" || socket.write(text, "latin1");
    if (text === "") return socket.write(bytes);
    socket.cork();
    socket.write(text, "latin1");
    const hasRoom = socket.write(bytes);
    socket.uncork();
    return hasRoom;
  }

  /** All of a response was sent: tells its exchange when it has left, which is mostly now. */
  ended(exchange: Http1Exchange, gathers: boolean): void {
    if (!this.#isCorked && this.#leaving.length === 0 && this.#socket.writableLength === 0) return exchange.left();
    this.#leaving.push(exchange);
    if (!this.#isCorked) this.#settle();
    else if (!gathers) this.flush();
  }

  /** Sends what was gathered. */
  flush(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#socket.uncork();
    this.#settle();
  }

  /** An exchange is over before its response has left. */
  remove(exchange: Http1Exchange): void {
    const index = this.#leaving.indexOf(exchange);
    if (index >= 0) this.#leaving.splice(index, 1);
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    setImmediate(() => this.flush());
  }

  #settle(): void {
    if (this.#leaving.length === 0) return;
    const these = this.#leaving.slice();
    if (this.#socket.writableLength === 0) return this.#left(these);
    // The callback of an empty write comes when all before it has left.
    this.#socket.write("", (error) => {
      if (!(error instanceof Error)) this.#left(these);
    });
  }

  #left(exchanges: readonly Http1Exchange[]): void {
    for (const exchange of exchanges) {
      this.remove(exchange);
      exchange.left();
    }
  }
}
