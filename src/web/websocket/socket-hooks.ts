import type { HttpResponse } from "../message/http-response.ts";
import type { NoConverters, PathArguments } from "../routing/path-types.ts";
import type { HttpWebSocket } from "./http-web-socket.ts";

/** A response, with a status from 300 to 599, that refuses a WebSocket. */
type Refusal = HttpResponse | Response;

/**
 * A view of a WebSocket: a function of the arguments of its path, and of the WebSocket. When it returns, the WebSocket is
 * closed with 1000. A response that it returns before it has accepted is the answer.
 *
 * @example
 * import type { WebSocketView } from "pottle";
 * const echo: WebSocketView<"/rooms/<int:id>"> = async ({ id }, socket) => socket.send(`This is room ${id}`);
 */
export type WebSocketView<Path extends string, Own = NoConverters> = (
  args: PathArguments<Path, Own>,
  socket: HttpWebSocket,
) => Refusal | void | PromiseLike<Refusal | void>;

/** @internal A view of a WebSocket, whatever its arguments. */
export type AnyWebSocketView = (args: never, socket: HttpWebSocket) => unknown;

/**
 * Runs before the view of a WebSocket. A response that it returns refuses the WebSocket; `undefined` lets it go on. A hook
 * that sends or receives accepts the WebSocket.
 */
export type BeforeWebSocket = (
  socket: HttpWebSocket,
) => Refusal | undefined | void | PromiseLike<Refusal | undefined | void>;

/**
 * Runs when the view of a WebSocket has ended. It gets the response that is about to refuse the WebSocket, which it may
 * change or replace; `undefined` if the WebSocket was accepted, and is about to be closed, or was refused by the view.
 */
export type AfterWebSocket = (
  response: HttpResponse | undefined,
  socket: HttpWebSocket,
) => HttpResponse | undefined | void | PromiseLike<HttpResponse | undefined | void>;

/**
 * Runs when a WebSocket is over. It gets the error that was not handled: that of a view that failed, or the cancellation of
 * one that was cancelled, as it is if the client vanishes; `undefined` if there is neither.
 */
export type TeardownWebSocket = (error: unknown, socket: HttpWebSocket) => void | PromiseLike<void>;

/** @internal The hooks for WebSockets of an application or a blueprint, in the order in which they were registered. */
export class SocketHooks {
  readonly before: BeforeWebSocket[] = [];
  readonly after: AfterWebSocket[] = [];
  readonly teardown: TeardownWebSocket[] = [];

  /** Adds those of others. */
  add(other: SocketHooks): void {
    this.before.push(...other.before);
    this.after.push(...other.after);
    this.teardown.push(...other.teardown);
  }
}
