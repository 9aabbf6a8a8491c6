import type { Exchange } from "./application.ts";
import type { ClientDisconnected } from "./errors.ts";

/**
 * What a server must be able to say of an exchange beside what the application sees, so that
 * {@link serveExchange} can run it. To write a server is to implement this.
 */
export interface ServedExchange extends Exchange {
  /** The status of the response; `undefined` until there is one. */
  readonly status: number | undefined;
  /** How many bytes of the body have been given to the connection. */
  readonly bytesSent: number;
  /** Whether the whole response was given to the connection. */
  readonly ended: boolean;
  /** Whether the whole response has left. */
  readonly finished: boolean;
  /** That the client left before that; `undefined` if it has not. */
  readonly disconnected: ClientDisconnected | undefined;
  /** How many milliseconds the exchange is old. */
  readonly elapsed: number;
  /** Waits until the response has left; as a wait of the request's task it can be cancelled. */
  finish(): Promise<void>;
  /** Breaks the connection off, if the response has not left. */
  abort(): void;
}
