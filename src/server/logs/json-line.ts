import { type AccessedExchange, type AccessEntry, describeReason, findHeader, type Peer } from "../../http/index.ts";
import { seenStatus } from "./access-line.ts";
import { escapeJson } from "./escape.ts";
import { universalLogTime } from "./log-time.ts";

/**
 * A request as one object of JSON. What is not known is `null`. `peer` is there only if it is not the client, and `reason`
 * only if the request was not served.
 */
export function formatJson(entry: AccessEntry, exchange: AccessedExchange | undefined): string {
  const { method, target, peer, client = peer, bytes, milliseconds, outcome } = entry;
  // Piece by piece at the end of one string: V8 writes such a string fastest.
  let line = `{"time":"${universalLogTime()}"${ofPeer("client", client)}`;
  if (client !== peer) line += ofPeer("peer", peer);
  line += `,"method":"${escapeJson(method)}","target":"${escapeJson(target)}"`;
  line += `,"version":${text(exchange?.httpVersion)},"status":${seenStatus(entry, exchange) ?? null}`;
  line += `,"bytes":${bytes},"milliseconds":${Math.round(milliseconds * 1_000) / 1_000}`;
  line += `,"referer":${header(exchange, "referer")},"userAgent":${header(exchange, "user-agent")}`;
  line += `,"outcome":"${outcome.kind}"`;
  if (outcome.kind !== "served") line += `,"reason":${text(describeReason(outcome))}`;
  return `${line}}`;
}

/** The object that says how many lines were dropped. */
export function jsonOfDropped(count: number): string {
  return `{"time":"${universalLogTime()}","dropped":${count}}`;
}

function ofPeer(name: string, peer: Peer | undefined): string {
  if (peer === undefined) return `,"${name}":null`;
  return `,"${name}":"${escapeJson(peer.address)}","${name}Port":${peer.port}`;
}

function header(exchange: AccessedExchange | undefined, name: string): string {
  return text(exchange && findHeader(exchange.rawHeaders, name));
}

function text(value: string | undefined): string {
  return value === undefined ? "null" : `"${escapeJson(value)}"`;
}
