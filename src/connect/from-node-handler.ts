import type { IncomingMessage, ServerResponse } from "node:http";
import { requireFunction } from "../base/options.ts";
import type { Application } from "../http/index.ts";
import { NodeCall } from "./node-call.ts";

/** A function that answers requests of `node:http`: an Express application, Koa's `app.callback()`, or one of your own. */
export type NodeHandler = {
  // A method, so that functions for an extended request, such as that of Express, are handlers as well.
  handle(request: IncomingMessage, response: ServerResponse): unknown;
}["handle"];

/**
 * Makes an application of a function for `node:http`. The function gets the real classes of Node, and runs in the task of
 * the request: `request()` of Pottle, deadlines and cancellation reach it, and what it starts belongs to the request. A
 * client that leaves is told as Node tells it, by `aborted` and `close`, and cancels the waits of Pottle in it.
 *
 * There is no connection behind it that could be upgraded or whose settings could be changed, and the phrase behind the
 * status is not sent. The server frames the body: a `Transfer-Encoding` is ignored.
 *
 * @param handler - What answers. An error that it throws before it responds is answered with 500.
 * @throws {TypeError} If `handler` is not a function.
 * @example
 * const app = fromNodeHandler((req, res) => res.end(`You asked for ${req.url}`));
 * const exchange = new MemoryExchange({ target: "/hello" });
 * void app.handle(exchange);
 * console.log(new TextDecoder().decode(await exchange.download.read())); // You asked for /hello
 */
export function fromNodeHandler(handler: NodeHandler): Application {
  requireFunction(handler, "make an application of a function for node:http");
  return {
    handle: async (exchange) => {
      const call = new NodeCall(exchange);
      void runHandler(handler, call);
      await call.respond();
    },
  };
}

async function runHandler(handler: NodeHandler, call: NodeCall): Promise<void> {
  try {
    await handler(call.request, call.response);
  } catch (error) {
    call.leave(error);
  }
}

/**
 * Makes an application of a whole Express application, to be mounted beside routes of Pottle: `app.mount("/",
 * mountExpress(old))` leaves to Express what has no route of its own yet, so that a program can move route by route.
 *
 * It is {@link fromNodeHandler} under the name by which it is looked for. Express knows where it is mounted by
 * `req.baseUrl`, and sends its own pages for what it has no route for.
 *
 * @throws {TypeError} If it is not an Express application.
 * @example
 * import express from "express";
 * const old = express();
 * old.get("/old", (req, res) => res.json({ by: "Express" }));
 * const app = new Pottle(import.meta);
 * app.get("/new", () => ({ by: "Pottle" }));
 * app.mount("/", mountExpress(old));
 * console.log((await app.testClient().get("/old")).json()); // { by: "Express" }
 */
export function mountExpress(application: NodeHandler): Application {
  requireFunction(application, "mount an Express application");
  return fromNodeHandler(application);
}
