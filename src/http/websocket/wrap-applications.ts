import type { Application } from "../application.ts";

/** What {@link wrapApplications} puts around applications. */
export type ApplicationWrapper = Pick<Application, "handle" | "lifespan"> & Required<Pick<Application, "websocket">>;

/**
 * Makes the application of a gateway middleware, for their authors. It takes WebSockets exactly as long as one of the
 * applications in it does: otherwise a request for a WebSocket is an ordinary request, as without the middleware.
 *
 * This is decided when a server asks, not when the middleware is made, since an application may get its first WebSocket
 * after it was wrapped.
 *
 * @param inner - The applications that the middleware calls.
 * @param wrapper - What the middleware does. Its `websocket` hands on by {@link passWebSocket}, as one of several
 * applications may not take WebSockets.
 * @example
 * import type { Application } from "pottle/http";
 * const hello: Application = { handle: (exchange) => exchange.respond(200, [], "Hello") };
 * const middleware = wrapApplications([hello], {
 *   handle: (exchange) => hello.handle(exchange),
 *   websocket: (connection) => passWebSocket(hello, connection),
 * });
 * console.log(middleware.websocket); // undefined
 */
export function wrapApplications(inner: readonly Application[], wrapper: ApplicationWrapper): Application {
  const { lifespan } = wrapper;
  const handle: Application["handle"] = (exchange) => wrapper.handle(exchange);
  const websocket: ApplicationWrapper["websocket"] = (connection) => wrapper.websocket(connection);
  const takesWebSockets = (): boolean => inner.some((one) => one.websocket !== undefined);
  return Object.defineProperty<Application>(lifespan === undefined ? { handle } : { handle, lifespan }, "websocket", {
    enumerable: true,
    get: () => (takesWebSockets() ? websocket : undefined),
  });
}
