import {
  type AccessedExchange,
  type AccessEntry,
  describeReason,
  findHeader,
  type Peer,
  type RequestOutcome,
} from "../../http/index.ts";
import { seenStatus } from "./access-line.ts";
import { quoteJson } from "./escape.ts";
import { universalLogTime } from "./log-time.ts";

/** A request as one object of JSON. What is not known is `null`. `peer` is there only if it is not
 * the client, and `reason` only if the request was not served. */
export function formatJson(entry: AccessEntry, exchange: AccessedExchange | undefined): string {
  const { method, target, peer, client = peer, bytes, milliseconds, outcome } = entry;
  const from = ofPeer("client", client) + (client === peer ? "" : ofPeer("peer", peer));
  const request = `"method":${quoteJson(method)},"target":${quoteJson(target)},"version":${text(exchange?.httpVersion)}`;
  const response = `"status":${seenStatus(entry, exchange) ?? null},"bytes":${bytes}`;
  const time = `"milliseconds":${Math.round(milliseconds * 1_000) / 1_000}`;
  const sender = `"referer":${header(exchange, "referer")},"userAgent":${header(exchange, "user-agent")}`;
  const end = outcome.kind === "served" ? '"outcome":"served"' : ofOutcome(outcome);
  return `{"time":"${universalLogTime()}",${from}${request},${response},${time},${sender},${end}}`;
}

/** The object that says how many lines were dropped. */
export function jsonOfDropped(count: number): string {
  return `{"time":"${universalLogTime()}","dropped":${count}}`;
}

function ofPeer(name: string, peer: Peer | undefined): string {
  if (peer === undefined) return `"${name}":null,`;
  return `"${name}":${quoteJson(peer.address)},"${name}Port":${peer.port},`;
}

function ofOutcome(outcome: RequestOutcome): string {
  return `"outcome":"${outcome.kind}","reason":${text(describeReason(outcome))}`;
}

function header(exchange: AccessedExchange | undefined, name: string): string {
  return text(exchange && findHeader(exchange.rawHeaders, name));
}

function text(value: string | undefined): string {
  return value === undefined ? "null" : quoteJson(value);
}
