import { type Exchange, findHeader } from "../../http/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { BadRequest } from "../errors/statuses.ts";

/** Checks the host that a request asks; gives the answer to one that is not trusted. */
export type HostCheck = (request: Pick<Exchange, "rawHeaders">) => BadRequest | undefined;

const action = "make the application";

/**
 * Makes a check of the hosts of requests; `undefined` if all are trusted.
 *
 * @throws {TypeError} If it is not a list of names.
 */
export function toHostCheck(hosts: readonly string[] | undefined): HostCheck | undefined {
  if (hosts === undefined) return undefined;
  if (!areNames(hosts)) {
    throw wrongType(action, "'trustedHosts' must be a list of host names without ports", hosts);
  }
  const names = new Set(hosts.map((host) => host.toLowerCase().replace(/^\./, "")));
  const suffixes = hosts.filter((host) => host.startsWith(".")).map((host) => host.toLowerCase());
  return ({ rawHeaders }) => {
    const host = withoutPort(findHeader(rawHeaders, "host") ?? "");
    if (names.has(host) || suffixes.some((suffix) => host.endsWith(suffix))) return undefined;
    return new BadRequest("This request is for a host that is not served here.");
  };
}

function areNames(hosts: unknown): hosts is readonly string[] {
  return Array.isArray(hosts) && hosts.every(isName);
}

function isName(host: unknown): boolean {
  return typeof host === "string" && (/^\.?[\w-]+(?:\.[\w-]+)*$/.test(host) || /^\[[\da-fA-F:.]+\]$/.test(host));
}

function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}
