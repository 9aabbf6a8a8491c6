import { inspect } from "node:util";
import type { Peer } from "./application.ts";
import { formatPeer } from "./errors.ts";
import { toPrintable } from "./printable.ts";

/** How a request ended. */
export type RequestOutcome =
  /** Its response has left, whatever its status. */
  | { readonly kind: "served" }
  /** Its task was cancelled, or its connection ended. */
  | { readonly kind: "cancelled"; readonly reason: unknown }
  /** The server answered in place of the application, because of what `reason` says. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The application threw. There may be a response nevertheless. */
  | { readonly kind: "failed"; readonly error: unknown };

/** What is known of a request when it is over. */
export interface AccessEntry {
  /** The method; `-` if the server refused the request before it was known. */
  readonly method: string;
  /** The target with its query, as the client sent it; `-` if the server refused the request before it was known. */
  readonly target: string;
  /** The other end of the connection. */
  readonly peer: Peer | undefined;
  /** The client, if the peer is a proxy that is trusted and has named it. */
  readonly client?: Peer;
  /** The status that was sent, or begun to be; `undefined` if nothing was. */
  readonly status: number | undefined;
  /** How many bytes of the body were given to the connection. */
  readonly bytes: number;
  /** How many milliseconds it took, from its head to the end of its last task. */
  readonly milliseconds: number;
  /** How it ended. */
  readonly outcome: RequestOutcome;
}

/**
 * One line of an access log: `127.0.0.1:51234 GET /data 200 32 B 2001 ms served`. Whatever could be taken for the end of
 * the line, or speaks to a terminal, is escaped.
 */
export function formatAccessEntry(entry: AccessEntry): string {
  const { method, target, peer, client = peer, status = "-", bytes, milliseconds, outcome } = entry;
  const parts = [
    formatPeer(client),
    method,
    target,
    status,
    bytes,
    "B",
    Math.round(milliseconds),
    "ms",
    formatOutcome(outcome),
  ];
  return toPrintable(parts.join(" "));
}

function formatOutcome(outcome: RequestOutcome): string {
  if (outcome.kind === "served") return "served";
  if (outcome.kind === "refused") return `refused: ${outcome.reason}`;
  if (outcome.kind === "failed") return `failed: ${String(outcome.error)}`;
  const { reason } = outcome;
  return reason === undefined ? "cancelled" : `cancelled: ${describe(reason)}`;
}

function describe(reason: unknown): string {
  if (reason instanceof Error) return reason.message;
  return typeof reason === "string" ? reason : inspect(reason, { breakLength: Infinity });
}
