import { type AccessedExchange, type AccessEntry, describeReason, Disconnect } from "../../http/index.ts";
import { escapeText } from "./escape.ts";

/** Makes the line of a request. `exchange` is `undefined` if the server refused the request before there was one. */
export type AccessLine = (entry: AccessEntry, exchange: AccessedExchange | undefined) => string;

/** A format of an access log, ready to be used. */
export interface AccessFormat {
  readonly line: AccessLine;
  /** Makes the line that says how many lines were dropped. */
  readonly dropped: (count: number) => string;
}

/**
 * The status that the client has seen: `undefined` if there was none, or if the request was cancelled before all of its
 * response had left. A request that the server itself answered, such as one that came too slowly, has that status.
 */
export function seenStatus(entry: AccessEntry, exchange: AccessedExchange | undefined): number | undefined {
  const { status, outcome } = entry;
  if (outcome.kind !== "cancelled" || exchange?.finished === true) return status;
  return outcome.reason instanceof Disconnect ? outcome.reason.status : undefined;
}

/** A field at the end of a line that says why a request was cancelled, in quotes; empty if it was not. */
export function cancelledField({ outcome }: AccessEntry): string {
  if (outcome.kind !== "cancelled") return "";
  const reason = describeReason(outcome);
  return reason === undefined ? ' "cancelled"' : ` "cancelled: ${escapeText(reason)}"`;
}

/** The line of a text format that says how many lines were dropped. */
export function textOfDropped(count: number): string {
  return `# ${count} ${count === 1 ? "line was" : "lines were"} dropped, as the log did not take them`;
}
