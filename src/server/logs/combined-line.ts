import { type AccessedExchange, type AccessEntry, findHeader } from "../../http/index.ts";
import { cancelledField, seenStatus } from "./access-line.ts";
import { escapeText } from "./escape.ts";
import { localLogTime } from "./log-time.ts";

/**
 * A request in Apache's combined format: `203.0.113.9 - - [27/Nov/2026:18:36:00 +0000] "GET /a HTTP/1.1" 200 32 "-" "curl"`.
 *
 * @see https://httpd.apache.org/docs/2.4/logs.html#combined
 */
export function formatCombined(entry: AccessEntry, exchange: AccessedExchange | undefined): string {
  const { method, target, peer, client = peer, bytes } = entry;
  const protocol = exchange === undefined ? "" : ` HTTP/${exchange.httpVersion}`;
  const from = `${client === undefined ? "-" : escapeText(client.address)} - - ${localLogTime()}`;
  const request = `"${escapeText(method)} ${escapeText(target)}${protocol}"`;
  const response = `${seenStatus(entry, exchange) ?? "-"} ${bytes === 0 ? "-" : bytes}`;
  const sender = `"${header(exchange, "referer")}" "${header(exchange, "user-agent")}"`;
  return `${from} ${request} ${response} ${sender}${cancelledField(entry)}`;
}

function header(exchange: AccessedExchange | undefined, name: string): string {
  const value = exchange && findHeader(exchange.rawHeaders, name);
  return value === undefined ? "-" : escapeText(value);
}
