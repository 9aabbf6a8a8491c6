import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { isCancelled } from "../asyncio/index.ts";
import { type Exchange, isRequestOver } from "../http/index.ts";
import { NodeRequest } from "./node-request.ts";
import { createResponse, type NodeResponse } from "./node-response.ts";
import { ResponseSocket } from "./response-socket.ts";

/**
 * One request as code for `node:http` sees it:
 *
 *     exchange.read() ──> NodeRequest ──> Node's code ──> NodeResponse ──> ResponseSocket ──> exchange.respond()
 *
 * The code may run anywhere; `respond()` is what the task of the request waits for.
 */
export class NodeCall {
  readonly #exchange: Exchange;
  readonly #socket: ResponseSocket;
  readonly #request: NodeRequest;
  readonly #response: NodeResponse;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#socket = new ResponseSocket(exchange);
    this.#request = new NodeRequest(exchange, this.#socket as unknown as Socket);
    this.#response = createResponse(this.request, exchange);
    this.response.on("finish", () => this.#socket.endBody());
    exchange.onDisconnect((reason) => this.leave(reason));
  }

  get request(): IncomingMessage {
    return this.#request.message;
  }

  get response(): ServerResponse {
    return this.#response.response;
  }

  /** Whether Node's code has asked for the body of the request. */
  get wasRead(): boolean {
    return this.#request.wasRead;
  }

  /**
   * Sends what is written to the response.
   *
   * @returns A promise that resolves when the response has left.
   * @throws What the exchange throws, and what `leave` was called with before there was a response.
   */
  async respond(): Promise<void> {
    try {
      const { status, headers } = await this.#socket.head();
      const whole = await this.#whole();
      if (whole !== undefined) await this.#exchange.respond(status, headers, whole);
      else
        await this.#exchange.respond(status, headers, this.#socket.pieces(), {
          trailers: () => this.#response.trailers,
        });
    } catch (error) {
      this.leave(error);
      throw error;
    }
    this.#close();
  }

  /** Tells Node's code that its client has left, or is not answered by it: `aborted`, `error` and `close`, as Node does. */
  leave(reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error("The request was broken off", { cause: reason });
    this.#socket.fail(error);
    if (!this.request.destroyed) this.request.destroy(isRequestOver(error) ? aborted(error) : error);
  }

  // A response that is whole already has a length. What HEAD would have had as a body is not known.
  async #whole(): Promise<Uint8Array | undefined> {
    const { response } = this;
    if (!response.writableEnded || this.request.method === "HEAD" || this.#response.trailers.length > 0)
      return undefined;
    return await this.#socket.whole();
  }

  #close(): void {
    this.#socket.discard();
    this.#request.leave();
    this.#socket.destroy();
  }
}

function aborted(cause: Error): Error {
  const message = isCancelled(cause) ? "The request was cancelled" : "The client has left";
  return Object.assign(new Error(message, { cause }), { code: "ECONNRESET" });
}
