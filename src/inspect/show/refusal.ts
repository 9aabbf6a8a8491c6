// Who may look. The view shows names, addresses and what goes on inside, so it answers programs on the same machine only,
// and only in development, unless its owner says otherwise.
//
// Two ways lead in from outside although the connection comes from the same machine. A proxy here speaks for others: it
// says so in its headers. And a web page anywhere can have its own name resolve to 127.0.0.1 (DNS rebinding): the browser
// then sends that name as the Host.

import { BlockList } from "node:net";
import { type Exchange, findHeader, type Peer, type RawHeaders } from "../../http/index.ts";
import { isDevelopment } from "../../web/index.ts";

/** Who may look. */
export interface AccessOptions {
  /** Whether it answers outside development as well. @default false */
  readonly allow?: boolean;
  /** Whether it answers other machines, and through proxies. @default false */
  readonly allowRemote?: boolean;
  /** Host names by which it may be asked, besides `localhost` and addresses. @default [] */
  readonly hosts?: readonly string[];
}

const proxyHeaders = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Why an exchange is not answered; `undefined` if it is. */
export function findRefusal(exchange: Exchange, options: AccessOptions): string | undefined {
  const { allow = false, allowRemote = false, hosts = [] } = options;
  if (!allow && !isDevelopment()) {
    return "The live view is shown in development only: liveView({ allow: true }) shows it elsewhere.";
  }
  if (!allowRemote && !isLocal(exchange)) {
    return "The live view is shown on the machine that it runs on only: liveView({ allowRemote: true }) shows it to others.";
  }
  const host = findHeader(exchange.rawHeaders, "host") ?? "";
  if (!isKnownHost(host, hosts)) {
    return "The live view is not shown under this host name: liveView({ hosts: ['…'] }) takes more names.";
  }
  if (isEmbedded(exchange.rawHeaders)) return "The live view is not shown inside other sites.";
  return undefined;
}

function isLocal({ peer, rawHeaders }: Exchange): boolean {
  return isLoopback(peer) && proxyHeaders.every((name) => findHeader(rawHeaders, name) === undefined);
}

// A unix socket has no addresses.
function isLoopback(peer: Peer | undefined): boolean {
  if (peer === undefined) return true;
  return loopback.check(peer.address, peer.address.includes(":") ? "ipv6" : "ipv4");
}

function isKnownHost(host: string, hosts: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  // An address in there was typed by whoever asks: only names can be made to lead elsewhere.
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name)) return true;
  return (
    name === "" ||
    name === "localhost" ||
    name.endsWith(".localhost") ||
    hosts.some((one) => one.toLowerCase() === name)
  );
}

function isEmbedded(headers: RawHeaders): boolean {
  const site = findHeader(headers, "sec-fetch-site");
  return (site === "cross-site" || site === "same-site") && findHeader(headers, "sec-fetch-mode") !== "navigate";
}
