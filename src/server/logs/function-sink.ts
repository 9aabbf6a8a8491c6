import type { Sink, SinkHooks } from "./sink.ts";

/** Takes the lines of a log, each with a line break at its end. */
export type TextFunction = (lines: string) => void | PromiseLike<void>;

/** Gives text to a function. Its errors are reported; the lines that it was called with are gone. */
export class FunctionSink implements Sink {
  readonly #take: TextFunction;
  readonly #hooks: SinkHooks;

  constructor(take: TextFunction, hooks: SinkHooks) {
    this.#take = take;
    this.#hooks = hooks;
  }

  write(text: string): boolean {
    try {
      const taken = this.#take(text);
      if (typeof taken?.then !== "function") return true;
      void this.#settled(taken);
      return false;
    } catch (error) {
      this.#hooks.onError(error, false);
      return true;
    }
  }

  writeLast(text: string): void {
    this.write(text);
  }

  close(): void {}

  async #settled(taken: PromiseLike<void>): Promise<void> {
    try {
      await taken;
    } catch (error) {
      this.#hooks.onError(error, false);
    }
    this.#hooks.onReady();
  }
}
