// Access control. The view shows names, addresses and internal details. So it answers only programs on the same
// machine, and only in development, unless the options allow more.

import { type Exchange, findHeader, hasTrustedHost, type RawHeaders, whyNotLocal } from "../../http/index.ts";
import { isDevelopment } from "../../web/index.ts";

/** Options that control who may see the view. */
export interface AccessOptions {
  /** Whether the view also answers outside development. @default false */
  readonly allow?: boolean;
  /** Whether the view also answers other machines, and requests through proxies. @default false */
  readonly allowRemote?: boolean;
  /** Allowed host names in requests, besides `localhost` and IP addresses. @default [] */
  readonly hosts?: readonly string[];
}

/** The reason why an exchange is refused; `undefined` if it is answered. */
export function findRefusal(exchange: Exchange, options: AccessOptions): string | undefined {
  const { allow = false, allowRemote = false, hosts = [] } = options;
  if (!allow && !isDevelopment()) {
    return "The live view is shown in development only: liveView({ allow: true }) shows it elsewhere.";
  }
  const why = allowRemote ? undefined : whyNotLocal(exchange, hosts);
  if (why === "address" || why === "proxy") {
    return "The live view is shown on the machine that it runs on only: liveView({ allowRemote: true }) shows it to others.";
  }
  if (why === "host" || !hasTrustedHost(exchange.rawHeaders, hosts)) {
    return "The live view is not shown under this host name: liveView({ hosts: ['…'] }) takes more names.";
  }
  if (isEmbedded(exchange.rawHeaders)) return "The live view is not shown inside other sites.";
  return undefined;
}

function isEmbedded(headers: RawHeaders): boolean {
  const site = findHeader(headers, "sec-fetch-site");
  return (site === "cross-site" || site === "same-site") && findHeader(headers, "sec-fetch-mode") !== "navigate";
}
