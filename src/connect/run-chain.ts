import type { IncomingMessage, ServerResponse } from "node:http";
import { Future } from "../asyncio/index.ts";

/** Tells a middleware's chain to go on, or that something went wrong. */
export type ConnectNext = (error?: unknown) => void;

/** A middleware of Connect and Express. */
export type ConnectMiddleware = {
  // A method, so that functions for an extended request, such as that of Express, are middlewares as well.
  handle(request: IncomingMessage, response: ServerResponse, next: ConnectNext): unknown;
}["handle"];

/** A middleware that is called with what went wrong before it. */
export type ConnectErrorMiddleware = {
  handle(error: unknown, request: IncomingMessage, response: ServerResponse, next: ConnectNext): unknown;
}["handle"];

/** A middleware of either kind: one that takes four arguments is for errors. */
export type AnyMiddleware = ConnectMiddleware | ConnectErrorMiddleware;

/** How a chain ended: all of it has passed the request on, or one of its middlewares has answered. */
export type ChainEnd = "passed on" | "answered";

/**
 * Runs middlewares one after the other, as Connect does: one that is called with an error is skipped by those that do not
 * handle errors. Those that call `next` at once are a loop, not a recursion.
 *
 * @throws What went wrong, if no middleware has handled it.
 */
export function runChain(
  middlewares: readonly AnyMiddleware[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<ChainEnd> {
  return new Chain(middlewares, request, response).run();
}

class Chain {
  readonly #middlewares: readonly AnyMiddleware[];
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #end = new Future<ChainEnd>({ name: "middlewares" });
  #place = 0;
  /** What went wrong, for the middlewares that handle errors. */
  #error: unknown;
  #hasFailed = false;
  #isLooping = false;

  constructor(middlewares: readonly AnyMiddleware[], request: IncomingMessage, response: ServerResponse) {
    this.#middlewares = middlewares;
    this.#request = request;
    this.#response = response;
  }

  async run(): Promise<ChainEnd> {
    const answered = (): void => {
      if (!this.#end.done()) this.#end.setResult("answered");
    };
    this.#response.once("finish", answered).once("close", answered);
    this.#advance();
    try {
      return await this.#end;
    } finally {
      this.#response.off("finish", answered).off("close", answered);
    }
  }

  #advance(): void {
    if (this.#isLooping) return;
    this.#isLooping = true;
    for (let before = -1; before !== this.#place && !this.#end.done();) {
      before = this.#place;
      this.#step();
    }
    this.#isLooping = false;
  }

  #step(): void {
    const middleware = this.#middlewares[this.#place];
    if (middleware === undefined) return this.#finish();
    const next = this.#nextOf(this.#place);
    const isForErrors = middleware.length === 4;
    if (isForErrors !== this.#hasFailed) return next(this.#error);
    void this.#call(middleware, isForErrors, next);
  }

  async #call(middleware: AnyMiddleware, isForErrors: boolean, next: ConnectNext): Promise<void> {
    try {
      if (isForErrors) await (middleware as ConnectErrorMiddleware)(this.#error, this.#request, this.#response, next);
      else await (middleware as ConnectMiddleware)(this.#request, this.#response, next);
    } catch (error) {
      next(error ?? new Error("A middleware threw nothing"));
    }
  }

  // Only the first call counts: one that calls it twice would run what follows twice.
  #nextOf(place: number): ConnectNext {
    return (error) => {
      if (place !== this.#place || this.#end.done()) return;
      this.#place++;
      this.#hasFailed = error !== undefined && error !== null;
      this.#error = error;
      this.#advance();
    };
  }

  #finish(): void {
    if (this.#hasFailed) this.#end.setException(this.#error);
    else this.#end.setResult("passed on");
  }
}
