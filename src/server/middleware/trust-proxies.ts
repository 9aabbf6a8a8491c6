// Proxies tell what they know of a client in headers, which the client can write as well. So what a header says counts only
// if the peer is a trusted proxy, and of what stands in a list, only what trusted proxies have added:
//
//   client 203.0.113.9 ──> 10.0.0.2 (trusted) ──> 10.0.0.3 (trusted) ──> us
//
//   X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.2
//                    │        │            └ by 10.0.0.3, our peer: one hop
//                    │        └ by 10.0.0.2, which is trusted too: two hops, and the client
//                    └ by the client: 203.0.113.9 is not trusted, so this is not looked at

import { option } from "../../base/options.ts";
import {
  type Application,
  type Exchange,
  HeaderList,
  passWebSocket,
  type Peer,
  ServerExchange,
  ServerWebSocket,
  type WebSocketConnection,
  wrapApplications,
  WrappedExchange,
  WrappedWebSocket,
} from "../../http/index.ts";
import { type ForwardedElement, parseForwarded, parseNode } from "./forwarded-elements.ts";
import { requireApplication } from "./require-application.ts";
import { TrustedAddresses } from "./trusted-addresses.ts";

const action = "trust proxies";

/** Options of {@link trustProxies}. */
export interface TrustProxiesOptions {
  /**
   * The proxies: addresses, networks such as `10.0.0.0/8`, and `unix` for what connects by a unix socket. What any other
   * peer says is not believed.
   */
  readonly trusted: readonly string[];
  /** How many proxies there are in front, at most; from 1 to 100. @default 1 */
  readonly hops?: number;
  /**
   * The headers that the proxies write: `X-Forwarded-For`, `-Proto`, `-Host`, `-Port` and `-Prefix`, or `Forwarded`. The
   * other ones are not looked at: a proxy that does not write them passes a client's on. @default "x-forwarded"
   */
  readonly headers?: "x-forwarded" | "forwarded";
}

/**
 * Has an application see requests and WebSockets as the client sent them to the first proxy: its address as `peer`, its
 * scheme, host and port, and the prefix that a proxy took off the path as `basePath`. Only what trusted proxies have written
 * counts.
 *
 * What cannot be read, such as a host with a blank in it, is left as if it had not been said. The headers themselves stay.
 *
 * @throws {TypeError} If `application` is not an application, or an option has a wrong type.
 * @throws {RangeError} If an address is not one, or `hops` or `headers` is none of the values above.
 * @example
 * const application = trustProxies(
 *   { handle: (exchange) => exchange.respond(200, [], `${exchange.scheme} ${exchange.peer?.address}`) },
 *   { trusted: ["127.0.0.1"] },
 * );
 * const rawHeaders = ["X-Forwarded-For", "6.6.6.6, 203.0.113.9", "X-Forwarded-Proto", "https"];
 * const exchange = new MemoryExchange({ target: "/", rawHeaders });
 * void application.handle(exchange);
 * console.log(new TextDecoder().decode(await exchange.download.read())); // https 203.0.113.9
 * @see https://www.rfc-editor.org/rfc/rfc7239
 */
export function trustProxies(application: Application, options: TrustProxiesOptions): Application {
  requireApplication(action, "application", application);
  const trusted = new TrustedAddresses(action, "trusted", options?.trusted);
  const hops = option(action, "hops", options.hops ?? 1).count({ from: 1, to: 100 });
  const read = readers[option(action, "headers", options.headers ?? "x-forwarded").oneOf(["x-forwarded", "forwarded"])];
  const see = (request: RequestParts): Seen | undefined => {
    if (!trusted.includes(request.peer)) return undefined;
    const claims = read(new HeaderList(request.rawHeaders));
    return view(request, claims, countHops(claims.nodes, trusted, hops));
  };
  const { lifespan } = application;
  return wrapApplications([application], {
    handle: (exchange) => {
      const seen = see(exchange);
      if (seen === undefined) return application.handle(exchange);
      nameClient(exchange, seen.peer);
      return application.handle(new WrappedExchange(exchange, seen));
    },
    websocket: (connection) => {
      const seen = see(toRequest(connection));
      if (seen === undefined) return passWebSocket(application, connection);
      nameClient(connection, seen.peer);
      const scheme = seen.scheme === "https" ? "wss" : "ws";
      return passWebSocket(application, new WrappedWebSocket(connection, { ...seen, scheme }));
    },
    ...(lifespan && { lifespan }),
  });
}

type RequestParts = Pick<Exchange, "peer" | "scheme" | "basePath" | "rawHeaders">;
type Seen = Required<RequestParts>;

function toRequest({ peer, rawHeaders, basePath = "", scheme }: WebSocketConnection): RequestParts {
  return { peer, rawHeaders, basePath, scheme: scheme === "wss" ? "https" : "http" };
}

// The access log is written by what the server has, under all that middlewares have put around it.
function nameClient(request: Exchange | WebSocketConnection, client: Peer | undefined): void {
  let innermost = request;
  while (innermost instanceof WrappedExchange || innermost instanceof WrappedWebSocket) innermost = innermost.inner;
  if (innermost instanceof ServerExchange || innermost instanceof ServerWebSocket) innermost.client = client;
}

// What proxies have said; each list is in their order, the nearest proxy's last.
interface Claims {
  readonly nodes: readonly (string | undefined)[];
  readonly schemes: readonly (string | undefined)[];
  readonly hosts: readonly (string | undefined)[];
  readonly ports: readonly (string | undefined)[];
  readonly prefixes: readonly (string | undefined)[];
}

const readers = { "x-forwarded": readXForwarded, forwarded: readForwarded };

function readXForwarded(headers: HeaderList): Claims {
  const list = (name: string): string[] => {
    const values = headers.getAll(`x-forwarded-${name}`);
    return values.flatMap((value) => value.split(",")).map((value) => value.trim());
  };
  return {
    nodes: list("for"),
    schemes: list("proto"),
    hosts: list("host"),
    ports: list("port"),
    prefixes: list("prefix"),
  };
}

function readForwarded(headers: HeaderList): Claims {
  const elements: readonly ForwardedElement[] = parseForwarded(headers.getAll("forwarded").join(",")) ?? [];
  return {
    nodes: elements.map((element) => element.for),
    schemes: elements.map(({ proto }) => proto),
    hosts: elements.map(({ host }) => host),
    ports: [],
    prefixes: [],
  };
}

// How many of the last entries were written by trusted proxies: the first by the peer, each further one if the node that
// the entry after it names is trusted as well.
function countHops(nodes: Claims["nodes"], trusted: TrustedAddresses, most: number): number {
  let count = 1;
  for (; count < most && count < nodes.length; count++) {
    const node = nodes.at(-count);
    if (node === undefined || !trusted.includes(parseNode(node))) break;
  }
  return count;
}

function view(request: RequestParts, claims: Claims, hops: number): Seen {
  const peer = peerOf(claims.nodes.at(-Math.min(hops, claims.nodes.length))) ?? request.peer;
  const scheme = schemeOf(entry(claims.schemes, hops)) ?? request.scheme;
  const basePath = prefixOf(entry(claims.prefixes, hops)) + (request.basePath ?? "");
  const host = hostOf(entry(claims.hosts, hops), entry(claims.ports, hops), request, scheme);
  const rawHeaders = host === undefined ? request.rawHeaders : new HeaderList(request.rawHeaders).set("Host", host).raw;
  return { peer, scheme, basePath, rawHeaders };
}

// Many proxies do not add to the list of a header, but write it anew. Then it is shorter, and its first entry counts.
function entry(list: readonly (string | undefined)[], hops: number): string | undefined {
  return list.at(-Math.min(hops, list.length));
}

function peerOf(node: string | undefined): Peer | undefined {
  const found = node === undefined || node === "" ? undefined : parseNode(node);
  return found !== undefined && /^[\w.:-]{1,100}$/.test(found.address) ? found : undefined;
}

function schemeOf(text: string | undefined): "http" | "https" | undefined {
  const scheme = text?.toLowerCase();
  if (scheme === "https" || scheme === "wss") return "https";
  return scheme === "http" || scheme === "ws" ? "http" : undefined;
}

// Without a slash at its end. Two at its beginning would make a URL of another host of each path that is given out.
function prefixOf(text: string | undefined): string {
  const prefix = text?.replace(/\/+$/, "") ?? "";
  if (!/^(?:\/[\w.~!$&'()*+;=:@%-]+)*$/.test(prefix) || prefix.split("/").includes("..")) return "";
  try {
    return decodeURIComponent(prefix);
  } catch {
    return "";
  }
}

const hostSyntax = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

function hostOf(
  said: string | undefined,
  port: string | undefined,
  request: RequestParts,
  scheme: "http" | "https",
): string | undefined {
  const host = said !== undefined && hostSyntax.test(said) ? said : undefined;
  if (port === undefined || !/^\d{1,5}$/.test(port) || Number(port) > 65_535) return host;
  const name = (host ?? new HeaderList(request.rawHeaders).get("host"))?.replace(/:\d+$/, "");
  if (name === undefined || !hostSyntax.test(name)) return host;
  return Number(port) === (scheme === "https" ? 443 : 80) ? name : `${name}:${Number(port)}`;
}
