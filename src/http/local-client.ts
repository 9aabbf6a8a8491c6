// Who may see internals: errors with their stacks, the live view. Three ways lead in from outside although the connection
// seems to come from this machine:
//
// - A proxy on this machine speaks for others. It says so in its headers, if it was told to.
// - A tunnel (`ssh -R`, a forwarded port) says nothing. Its client still sends the name or address that it knows.
// - The page of another site can have its own name resolve to 127.0.0.1 (DNS rebinding). The browser sends that name.
//
// A unix socket has no addresses, so nothing tells a user of this machine from the proxy that most of them are made for:
// its clients are not local.

import { net } from "../base/node.ts";
import type { Exchange, Peer, RawHeaders } from "./application.ts";
import { findHeader } from "./header-list.ts";

/**
 * Why a client does not count as local: its address is not of this machine or not known, it came through a proxy, or it
 * asked for a host that is not this machine.
 */
export type NotLocal = "address" | "proxy" | "host";

const proxyHeaders = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/**
 * Decides whether a request comes from this machine, under a name of this machine, and not through a proxy.
 *
 * @param client - The request: its peer and its headers.
 * @param hosts - Host names that count as this machine, besides `localhost`, names below it, and loopback addresses.
 * @default [] (hosts)
 * @returns Why it does not; `undefined` if it does.
 * @example
 * const peer = { address: "127.0.0.1", port: 51_234 };
 * console.log(whyNotLocal({ peer, rawHeaders: ["Host", "localhost:5000"] })); // undefined
 * console.log(whyNotLocal({ peer, rawHeaders: ["Host", "rebound.example"] })); // host
 */
export function whyNotLocal(
  { peer, rawHeaders }: Pick<Exchange, "peer" | "rawHeaders">,
  hosts: readonly string[] = [],
): NotLocal | undefined {
  if (!isLoopbackPeer(peer)) return "address";
  if (proxyHeaders.some((name) => findHeader(rawHeaders, name) !== undefined)) return "proxy";
  return everyHost(rawHeaders, (host) => isLocalName(host) || isOneOf(host, hosts)) ? undefined : "host";
}

/**
 * Whether no other site can have led a browser here: each `Host` is an address, which the user must have typed, a name of
 * this machine, or one of `hosts`.
 *
 * @param hosts - Names that are trusted besides.
 */
export function hasTrustedHost(rawHeaders: RawHeaders, hosts: readonly string[] = []): boolean {
  return everyHost(rawHeaders, (host) => net().isIP(host) !== 0 || isLocalName(host) || isOneOf(host, hosts));
}

function isLoopbackPeer(peer: Peer | undefined): boolean {
  return peer !== undefined && isLoopback(peer.address);
}

function isLoopback(address: string): boolean {
  const { BlockList, isIP } = net();
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 6 ? "ipv6" : "ipv4");
}

// A request without a Host is not a browser's. One with two must not be judged by the one that the view does not read.
function everyHost(rawHeaders: RawHeaders, isKnown: (host: string) => boolean): boolean {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === "host" && !isKnown(withoutPort(rawHeaders[i + 1] ?? ""))) return false;
  }
  return true;
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
}

function isLocalName(host: string): boolean {
  return host === "" || /^(?:[\w-]+\.)*localhost$/i.test(host) || isLoopback(host);
}

function isOneOf(host: string, hosts: readonly string[]): boolean {
  return hosts.some((one) => one.toLowerCase() === host.toLowerCase());
}
