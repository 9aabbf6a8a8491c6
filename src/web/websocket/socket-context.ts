import { type AppInfo, Context, currentContext, outside } from "../message/context.ts";
import type { HttpWebSocket } from "./http-web-socket.ts";

/** The context of a WebSocket. Its request is the one for the WebSocket. */
export class SocketContext extends Context {
  /** The WebSocket. */
  readonly socket: HttpWebSocket;

  constructor(app: AppInfo, socket: HttpWebSocket, blueprint: string, basePath: string, view?: object) {
    super(app, socket.request, blueprint, basePath, view);
    this.socket = socket;
  }

  override get isSocket(): boolean {
    return true;
  }
}

/**
 * The WebSocket that is being served, for helpers that do not get it as an argument. It is found in the view and in the
 * code that it calls or starts, in hooks, in error handlers and in teardown.
 *
 * @throws {InvalidStateError} If there is none.
 * @example
 * const app = new Pottle(import.meta);
 * const greet = () => websocket().send(`Hello ${websocket().args.get("name")}`);
 * app.websocket("/greet", () => greet());
 * await using socket = app.testClient().websocket("/greet?name=Ada");
 * console.log(await socket.receive()); // Hello Ada
 */
export function websocket(): HttpWebSocket {
  const context: Partial<SocketContext> | undefined = currentContext.get();
  if (context?.socket === undefined) throw outside("websocket()", "a WebSocket");
  return context.socket;
}
