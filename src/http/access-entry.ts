import { inspect } from "node:util";
import type { Peer, RawHeaders } from "./application.ts";
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
 * The part of an exchange that access logs ask for besides the entry: a `ServerExchange` has it. It is there while
 * `onAccess` runs; who keeps it, keeps the request.
 */
export interface AccessedExchange {
  /** The request's headers, as the client wrote them. */
  readonly rawHeaders: RawHeaders;
  /** The response's headers; empty if there was no response. */
  readonly responseHeaders: RawHeaders;
  /** Whether the connection to this server is encrypted. */
  readonly scheme: "http" | "https";
  /** The HTTP version of the request: `1.1`. */
  readonly httpVersion: string;
  /** Whether the whole response has left. */
  readonly finished: boolean;
}

/**
 * One line of an access log: `127.0.0.1:51234 GET /data 200 32 B 2001 ms served`. Whatever could be taken for the end of
 * the line, or speaks to a terminal, is escaped.
 *
 * @param paint - Called with the status as text; returns what to write for it.
 * @default writes it as it is (paint)
 */
export function formatAccessEntry(entry: AccessEntry, paint?: (status: string) => string): string {
  const { method, target, peer, client = peer, bytes, milliseconds, outcome } = entry;
  const status = entry.status === undefined ? "-" : String(entry.status);
  const before = toPrintable(`${formatPeer(client)} ${method} ${target}`);
  const after = toPrintable(describeOutcome(outcome));
  return `${before} ${paint?.(status) ?? status} ${bytes} B ${Math.round(milliseconds)} ms ${after}`;
}

/**
 * How a request ended, in words: `served`, or `cancelled: Client 127.0.0.1:51234 disconnected after 512 ms`. It may hold
 * what a client sent, unescaped.
 */
export function describeOutcome(outcome: RequestOutcome): string {
  const reason = describeReason(outcome);
  return reason === undefined ? outcome.kind : `${outcome.kind}: ${reason}`;
}

/** Why a request was not served, in words; `undefined` if it was served, or no reason was given. Unescaped. */
export function describeReason(outcome: RequestOutcome): string | undefined {
  if (outcome.kind === "served") return undefined;
  if (outcome.kind === "refused") return outcome.reason;
  if (outcome.kind === "failed") return describeError(outcome.error);
  const { reason } = outcome;
  if (reason instanceof Error) return reason.message;
  return reason === undefined || typeof reason === "string" ? reason : inspect(reason, { breakLength: Infinity });
}

// What was thrown may be anything, also an object that cannot be made a string.
function describeError(error: unknown): string {
  try {
    return String(error);
  } catch {
    return inspect(error, { breakLength: Infinity });
  }
}
