import { createTask, InvalidStateError } from "../../asyncio/index.ts";
import { type Application, passWebSocket } from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { type Context, currentContext } from "../message/context.ts";

/** Keeps the context of a request beyond its end, for a test to look into it. */
export class KeptContext {
  #context: Context | undefined;

  /** The application, watched: the context of the request that it serves is kept. */
  watch(app: Application): Application {
    const handle: Application["handle"] = (exchange) => this.#keep(() => app.handle(exchange));
    if (app.websocket === undefined) return { handle };
    return { handle, websocket: (connection) => this.#keep(() => passWebSocket(app, connection)) };
  }

  /**
   * Runs a function in the context.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {InvalidStateError} If the application has set none.
   */
  async run<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    option("look into the request", "fn", fn).function();
    const context = this.#context;
    if (context === undefined) {
      throw new InvalidStateError("Cannot look into the request as it must have reached an application: it has not");
    }
    return await createTask(() => {
      currentContext.set(context);
      return fn();
    });
  }

  async #keep(serve: () => void | PromiseLike<void>): Promise<void> {
    try {
      await serve();
    } finally {
      this.#context = currentContext.get();
    }
  }
}
