import { cannot, outOfRange } from "../../base/refusal.ts";
import type { AcceptOptions, RawHeaders } from "../application.ts";
import { InvalidHeaderError } from "../errors.ts";
import { planResponse } from "../response-plan.ts";

/** How a WebSocket is opened: {@link AcceptOptions} that have been checked. */
export interface Acceptance {
  /** The subprotocol that was chosen. */
  readonly subprotocol: string | undefined;
  /** The headers that the application adds. */
  readonly headers: RawHeaders;
}

/** The headers of the handshake, which the server writes. */
const ownHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "upgrade",
]);

/**
 * Checks how an application accepts a WebSocket, so that it meets the same rules on every server.
 *
 * @throws {RangeError} If the client did not offer the subprotocol.
 * @throws {InvalidHeaderError} If a header may not be sent, or is one of the handshake.
 */
export function checkAccept({ subprotocol, headers = [] }: AcceptOptions, offered: readonly string[]): Acceptance {
  if (subprotocol !== undefined && !offered.includes(subprotocol)) {
    const offer = offered.length === 0 ? "nothing" : offered.join(", ");
    throw outOfRange("accept the WebSocket", `'subprotocol' must be one that the client offers: ${offer}`, subprotocol);
  }
  planResponse("GET", 200, headers, "");
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    if (!ownHeaders.has(name.toLowerCase())) continue;
    throw new InvalidHeaderError(
      cannot(`send the header '${name}'`, "the server writes the handshake", headers[i + 1]),
    );
  }
  return { subprotocol, headers };
}
