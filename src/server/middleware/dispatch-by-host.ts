import { outOfRange } from "../../base/refusal.ts";
import { type Application, findHeader, passWebSocket, type RawHeaders, wrapApplications } from "../../http/index.ts";
import { joinLifespans } from "./join-lifespans.ts";
import { answerPlainly, rejectPlainly } from "./plain-answer.ts";
import { requireApplication } from "./require-application.ts";

const action = "dispatch by host";
const misdirected = [421, "Misdirected Request"] as const;
const hostSyntax = /^(?:\*|(?:\*\.)?(?:[\w-]+\.)*[\w-]+|\[[\da-f:.]+\])$/;

/**
 * Makes one application of several, each for a host: `api.example.com`; `*.example.com` for all hosts below that one;
 * `*` for any, even for a request without a `Host`. The most exact one decides. Ports do not count. The lifespans are
 * joined: all start before the first request, in their order.
 *
 * A host that none is there for is answered with 421 (Misdirected Request). WebSockets are dispatched as well, if one of the
 * applications takes them; those that do not see an ordinary request.
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
  const all = [...byHost.values()];
  return wrapApplications(all, {
    handle: (exchange) => {
      const application = find(byHost, exchange.rawHeaders);
      return application === undefined ? answerPlainly(exchange, ...misdirected) : application.handle(exchange);
    },
    websocket: (connection) => {
      const application = find(byHost, connection.rawHeaders);
      if (application === undefined) return rejectPlainly(connection, ...misdirected);
      return passWebSocket(application, connection);
    },
    lifespan: joinLifespans(all),
  });
}

function requireHost(host: string): string {
  const lower = host.toLowerCase();
  if (hostSyntax.test(lower)) return lower;
  throw outOfRange(action, "a host must be a name or an address without a port, '*.name' or '*'", host);
}

// Without its port, and without the dot of a fully qualified name.
function hostOf(rawHeaders: RawHeaders): string {
  const host = findHeader(rawHeaders, "host") ?? "";
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

function find(byHost: ReadonlyMap<string, Application>, rawHeaders: RawHeaders): Application | undefined {
  const host = hostOf(rawHeaders);
  const exact = byHost.get(host);
  if (exact !== undefined) return exact;
  for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) {
    const wider = byHost.get(`*${host.slice(dot)}`);
    if (wider !== undefined) return wider;
  }
  return byHost.get("*");
}
