import { percentDecode } from "../../base/percent-decode.ts";
import { outOfRange } from "../../base/refusal.ts";
import {
  type Application,
  type Exchange,
  passWebSocket,
  splitTarget,
  type WebSocketConnection,
  wrapApplications,
  WrappedExchange,
  WrappedWebSocket,
} from "../../http/index.ts";
import { joinLifespans } from "./join-lifespans.ts";
import { answerPlainly, rejectPlainly } from "./plain-answer.ts";
import { requireApplication } from "./require-application.ts";

const action = "dispatch by prefix";
const notFound = [404, "Not Found"] as const;

interface Target {
  readonly prefix: string;
  readonly segments: readonly string[];
  readonly application: Application;
}

/**
 * Makes one application of several, each under a prefix of the path. A prefix matches whole segments: `/api` leads to
 * `/api` and `/api/users`, not to `/apix`. The longest one that matches decides. The application sees the path after its
 * prefix, and the prefix as `basePath`. The lifespans are joined: all start before the first request, in their order.
 *
 * A path that no prefix matches is answered with 404. The prefix `/` matches every path. WebSockets are dispatched as well,
 * if one of the applications takes them; those that do not see an ordinary request.
 *
 * @param applications - The applications by their prefixes, such as `{ "/api": api, "/": site }`. A prefix is written
 * decoded, and does not end with a slash.
 * @throws {TypeError} If one of them is not an application.
 * @throws {RangeError} If there is none, or a prefix does not begin with `/`, ends with it or has an empty segment.
 * @example
 * const application = dispatchByPrefix({
 *   "/api": { handle: (exchange) => exchange.respond(200, [], `api: ${exchange.target}`) },
 *   "/": { handle: (exchange) => exchange.respond(200, [], "site") },
 * });
 * const exchange = new MemoryExchange({ target: "/api/users?page=2" });
 * void application.handle(exchange);
 * console.log(new TextDecoder().decode(await exchange.download.read())); // api: /users?page=2
 */
export function dispatchByPrefix(applications: Readonly<Record<string, Application>>): Application {
  const targets = Object.entries(applications).map(([prefix, application]) => createTarget(prefix, application));
  if (targets.length === 0) throw outOfRange(action, "there must be an application", applications);
  const longestFirst = targets.toSorted((one, other) => other.segments.length - one.segments.length);
  const all = targets.map(({ application }) => application);
  return wrapApplications(all, {
    handle: (exchange) => dispatch(exchange, longestFirst),
    websocket: (connection) => dispatchWebSocket(connection, longestFirst),
    lifespan: joinLifespans(all),
  });
}

function createTarget(prefix: string, application: Application): Target {
  requireApplication(action, prefix, application);
  if (prefix === "/") return { prefix: "", segments: [], application };
  const segments = prefix.split("/").slice(1);
  if (prefix.startsWith("/") && !segments.includes("")) return { prefix, segments, application };
  throw outOfRange(action, "a prefix must begin with '/', and have no empty segment", prefix);
}

function dispatch(exchange: Exchange, targets: readonly Target[]): void | PromiseLike<void> {
  const found = find(exchange, targets);
  if (found === undefined) return answerPlainly(exchange, ...notFound);
  const { application, view } = found;
  return application.handle(view === undefined ? exchange : new WrappedExchange(exchange, view));
}

function dispatchWebSocket(connection: WebSocketConnection, targets: readonly Target[]): void | PromiseLike<void> {
  const found = find(connection, targets);
  if (found === undefined) return rejectPlainly(connection, ...notFound);
  const { application, view } = found;
  return passWebSocket(application, view === undefined ? connection : new WrappedWebSocket(connection, view));
}

interface Found {
  readonly application: Application;
  /** What the application sees in place of the request's own; `undefined` if it sees the request as it is. */
  readonly view: { readonly target: string; readonly basePath: string } | undefined;
}

function find(request: Pick<Exchange, "target" | "basePath">, targets: readonly Target[]): Found | undefined {
  const { path, query } = splitTarget(request.target);
  // `OPTIONS *` is about the server as a whole.
  const segments = path === "*" ? [] : path.split("/").slice(1);
  for (const { prefix, segments: wanted, application } of targets) {
    if (wanted.length > segments.length) continue;
    if (!wanted.every((segment, i) => decodeSegment(segments[i]!) === segment)) continue;
    if (prefix === "") return { application, view: undefined };
    const rest = `/${segments.slice(wanted.length).join("/")}`;
    const target = query === "" ? rest : `${rest}?${query}`;
    return { application, view: { target, basePath: (request.basePath ?? "") + prefix } };
  }
  return undefined;
}

// What is not percent-encoded UTF-8 is left as it is: it equals no prefix.
function decodeSegment(segment: string): string {
  try {
    return percentDecode(segment);
  } catch {
    return segment;
  }
}
