import { outOfRange } from "../../base/refusal.ts";
import { type Application, type Exchange, findHeader } from "../../http/index.ts";
import { joinLifespans } from "./join-lifespans.ts";
import { answerPlainly } from "./plain-answer.ts";
import { requireApplication } from "./require-application.ts";

const action = "dispatch by host";
const hostSyntax = /^(?:\*|(?:\*\.)?(?:[\w-]+\.)*[\w-]+|\[[\da-f:.]+\])$/;

/**
 * Makes one application of several, each for a host: `api.example.com`; `*.example.com` for all hosts below that one;
 * `*` for any, even for a request without a `Host`. The most exact one decides. Ports do not count. The lifespans are
 * joined: all start before the first request, in their order.
 *
 * A host that none is there for is answered with 421 (Misdirected Request).
 *
 * @param applications - The applications by their hosts.
 * @throws {TypeError} If one of them is not an application.
 * @throws {RangeError} If there is none, or a host is not one, such as one with a port.
 * @example
 * const application = dispatchByHost({
 *   "api.example.com": { handle: (exchange) => exchange.respond(200, [], "api") },
 *   "*": { handle: (exchange) => exchange.respond(200, [], "site") },
 * });
 * const exchange = new MemoryExchange({ target: "/", rawHeaders: ["Host", "api.example.com:8000"] });
 * void application.handle(exchange);
 * console.log(new TextDecoder().decode(await exchange.download.read())); // api
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20
 */
export function dispatchByHost(applications: Readonly<Record<string, Application>>): Application {
  const byHost = new Map<string, Application>();
  for (const [host, application] of Object.entries(applications)) {
    requireApplication(action, host, application);
    byHost.set(requireHost(host), application);
  }
  if (byHost.size === 0) throw outOfRange(action, "there must be an application", applications);
  return {
    handle: (exchange) => {
      const application = find(byHost, hostOf(exchange));
      return application === undefined
        ? answerPlainly(exchange, 421, "Misdirected Request")
        : application.handle(exchange);
    },
    lifespan: joinLifespans(byHost.values()),
  };
}

function requireHost(host: string): string {
  const lower = host.toLowerCase();
  if (hostSyntax.test(lower)) return lower;
  throw outOfRange(action, "a host must be a name or an address without a port, '*.name' or '*'", host);
}

// Without its port, and without the dot of a fully qualified name.
function hostOf(exchange: Exchange): string {
  const host = findHeader(exchange.rawHeaders, "host") ?? "";
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

function find(byHost: ReadonlyMap<string, Application>, host: string): Application | undefined {
  const exact = byHost.get(host);
  if (exact !== undefined) return exact;
  for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) {
    const wider = byHost.get(`*${host.slice(dot)}`);
    if (wider !== undefined) return wider;
  }
  return byHost.get("*");
}
