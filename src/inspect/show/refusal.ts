// Who may look. The view shows names, addresses and what goes on inside, so it answers programs on the same machine only,
// and only in development, unless its owner says otherwise.

import { type Exchange, findHeader, hasTrustedHost, type RawHeaders, whyNotLocal } from "../../http/index.ts";
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

/** Why an exchange is not answered; `undefined` if it is. */
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
