import type { Application } from "../http/index.ts";
import { EngineListener } from "./engine-listener.ts";
import { trustProxies } from "./middleware/trust-proxies.ts";
import { type ListenerClass, RunningServer } from "./running-server.ts";
import { checkServeOptions, type ServeOptions, type ServeSettings } from "./serve-options.ts";

/**
 * Starts an application and serves it over HTTP/1.1.
 *
 * Each request is a task of its own. If its client leaves, it is cancelled, with everything that it started; the
 * reason is a `ClientDisconnected`. The server itself belongs to the scope of the caller and ends with it; `close()` lets
 * running requests finish first.
 *
 * @returns The server, once it listens.
 * @throws {ListenError} If it cannot listen there; its `code` is `EADDRINUSE` if the port is taken.
 * @throws {TlsFileError} If a certificate or key cannot be used.
 * @throws {RangeError} If an option is not one that it can have.
 * @throws {TypeError} If an option is not of the right kind.
 * @throws Whatever a start function of the application's lifespan throws.
 * @example
 * await using server = await serve({ handle: (exchange) => exchange.respond(200, [], "Hello") }, { port: 0 });
 * console.log(await (await fetch(server.url)).text()); // Hello
 */
export async function serve(app: Application, options: ServeOptions = {}): Promise<RunningServer> {
  const settings = checkServeOptions(options);
  const { proxies } = settings;
  const served = proxies === undefined ? app : trustProxies(app, proxies);
  const server = new RunningServer(served, settings, await listenerClass(settings));
  await server.start();
  return server;
}

// `node:http` takes a while to load.
async function listenerClass({ engine }: ServeSettings): Promise<ListenerClass> {
  if (engine === "pottle") return EngineListener;
  const { NodeListener } = await import("./node-http/listener.ts");
  return NodeListener;
}
