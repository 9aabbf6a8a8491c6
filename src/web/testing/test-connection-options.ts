import { HeaderList, type HeadersLike, type Peer } from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";

/** Who a test client says that it is: a user with a password, or the bearer of a token. */
export type TestAuth = { readonly username: string; readonly password: string } | { readonly token: string };

/** How a test client reaches the application: for one request, or for all of a client. */
export interface TestConnectionOptions {
  /** The header `Host`. @default none is sent; with `subdomain`, the `serverName` of the application, or `localhost` */
  readonly host?: string;
  /** A subdomain of the host. @default "" */
  readonly subdomain?: string;
  /** The scheme; a WebSocket has `wss` for `https`. @default "http" */
  readonly scheme?: "http" | "https";
  /** The version of HTTP that the application is told. @default "1.1" */
  readonly httpVersion?: "1.0" | "1.1" | "2";
  /** The path under which the application is mounted; the path of a request begins after it. @default "" */
  readonly basePath?: string;
  /** The other end of the connection. @default { address: "127.0.0.1", port: 0 } */
  readonly peer?: Peer;
  /** Sent as `Authorization`: a name and a password as `Basic`, a token as `Bearer`. @default none */
  readonly auth?: TestAuth;
}

const action = "send the request";

/**
 * @internal Checks the options.
 *
 * @throws {TypeError} If one has a wrong type.
 * @throws {RangeError} If it is not one of those that there are.
 */
export function checkConnection(options: TestConnectionOptions): void {
  const { host, subdomain, scheme, httpVersion, basePath = "", auth } = options;
  for (const [name, value] of Object.entries({ host, subdomain })) {
    if (value !== undefined && typeof value !== "string") throw wrongType(action, `'${name}' must be a string`, value);
  }
  if (scheme !== undefined) option(action, "scheme", scheme).oneOf(["http", "https"]);
  if (httpVersion !== undefined) option(action, "httpVersion", httpVersion).oneOf(["1.0", "1.1", "2"]);
  if (typeof basePath !== "string" || !/^(?:\/[^/]+)*$/.test(basePath)) {
    throw wrongType(action, "'basePath' must be empty, or a path such as '/app'", basePath);
  }
  if (auth !== undefined) formatAuth(auth);
}

/**
 * @internal The headers of a request: its own, those of the client, and those that the options stand for.
 *
 * @param serverName - The host of which `subdomain` is one.
 */
export function connectionHeaders(
  own: HeadersLike | undefined,
  shared: HeaderList,
  { host, subdomain = "", auth }: TestConnectionOptions,
  serverName: string,
): HeaderList {
  const headers = new HeaderList(own);
  if (auth !== undefined && !headers.has("authorization")) headers.append("Authorization", formatAuth(auth));
  if ((host !== undefined || subdomain !== "") && !headers.has("host")) {
    headers.append("Host", `${subdomain}${subdomain === "" ? "" : "."}${host ?? serverName}`);
  }
  const given = new Set([...headers].map(([name]) => name.toLowerCase()));
  for (const [name, value] of shared) if (!given.has(name.toLowerCase())) headers.append(name, value);
  return headers;
}

/** @throws {TypeError} If it is neither. */
function formatAuth(auth: TestAuth): string {
  const { username, password, token }: { username?: unknown; password?: unknown; token?: unknown } = auth;
  if (typeof token === "string") return `Bearer ${token}`;
  if (typeof username === "string" && typeof password === "string" && !username.includes(":")) {
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }
  throw wrongType(action, "'auth' must be { username, password } without ':' in the name, or { token }", typeof auth);
}
