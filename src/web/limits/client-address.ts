import { isIPv6 } from "node:net";
import type { HttpRequest } from "../message/http-request.ts";

/**
 * The address of the client, as a key of a limit. Of an IPv6 address it is the first 64 bits, as a client has all the
 * addresses behind them. Clients without an address, over a Unix socket, have one key together.
 *
 * Behind a proxy it is the address of the proxy, unless the server has `trustedProxies`.
 *
 * @example
 * const app = new Pottle(import.meta);
 * app.beforeRequest(rateLimit(100, 60_000, { key: (request) => request.headers.get("x-api-key") ?? clientAddress(request) }));
 */
export function clientAddress(request: HttpRequest): string {
  const address = request.peer?.address ?? "";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? (isIPv6(address) ? networkOf(address) : address);
}

function networkOf(address: string): string {
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : Math.max(8 - groups.length - rest.length, 0);
  const all = [...groups, ...Array.from({ length: missing }, () => "0"), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
