import { ExceptionGroup } from "../../asyncio/index.ts";
import { WebSocketClosed, type WebSocketConnection } from "../../http/index.ts";
import { HTTPError } from "../errors/http-error.ts";
import { WebSocketMessageError } from "./message-error.ts";

/** The code and the reason of a Close. */
export type Close = readonly [code: number, reason: string];

/** The client may not do that; its message is not well-formed; the view failed. */
const codes = { policy: 1008, message: 1007, failed: 1011 } as const;

/** The Close at the end of a WebSocket's lifetime: going away. */
export const lifetimeOver: Close = [1001, "lifetime is over"];

/** The size of a reason, in bytes, that fits into a Close. */
const longestReason = 123;

/**
 * The Close for an error.
 *
 * @param status The status of the response that it would have had.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
 */
export function closeFor(thrown: unknown, status: number): Close {
  const reason = thrown instanceof HTTPError ? shorten(thrown.description) : "";
  if (status >= 500) return [codes.failed, reason];
  return [thrown instanceof WebSocketMessageError ? codes.message : codes.policy, reason];
}

/** Whether an error only says that the WebSocket is closed; so may all those of a group of tasks. */
export function isClosing(error: unknown, connection: WebSocketConnection): boolean {
  if (error instanceof ExceptionGroup) return error.errors.every((one) => isClosing(one, connection));
  return error instanceof WebSocketClosed && connection.closeCode !== undefined;
}

/** The beginning of a text that fits into a Close. */
function shorten(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.byteLength <= longestReason) return text;
  return `${bytes
    .subarray(0, 117)
    .toString()
    .replace(/\uFFFD+$/, "")}…`;
}
