import { type Application, type Exchange, Lifespan, passWebSocket, wrapApplications } from "../../http/index.ts";
import { liveView, showView, type LiveViewOptions } from "./live-view.ts";

const basePath = "/_pottle";
// What may follow the prefix of the view in a target.
const ends = ["", "/", "?"];

/**
 * Adds the live view at `/_pottle` to an application without changing the application's own routes. `pottle run` uses
 * this function. WebSockets are passed to the application, if it takes them.
 *
 * @example
 * const app = new Pottle(import.meta);
 * await using server = await serve(withLiveView(app), { port: 0 });
 * console.log((await fetch(`${server.url}/_pottle`)).status); // 403: what serve() alone serves is not in development
 */
export function withLiveView(app: Application, options: LiveViewOptions = {}): Application {
  const lifespan = new Lifespan();
  for (const part of [liveView(options), app]) {
    lifespan.onStart(() => part.lifespan?.start());
    lifespan.onStop(() => part.lifespan?.stop());
  }
  const pages: Application = { handle: (exchange) => view(exchange, options) };
  return wrapApplications([app], {
    handle: (exchange) => (isView(exchange) ? pages : app).handle(exchange),
    websocket: (connection) => passWebSocket(isView(connection) ? pages : app, connection),
    lifespan,
  });
}

function isView({ target }: Pick<Exchange, "target">): boolean {
  return target.startsWith(basePath) && ends.includes(target.charAt(basePath.length));
}

function view(exchange: Exchange, options: LiveViewOptions): Promise<void> {
  return showView(exchange, { target: exchange.target.slice(basePath.length), basePath }, options);
}
