import type { Attributes } from "@opentelemetry/api";

/** The attributes of a server from `example.org:8080`, `[::1]:8080`, a host without a port, or the path of a socket. */
export function serverAttributes(authority: string | undefined): Attributes {
  if (authority === undefined || authority === "") return {};
  if (authority.startsWith("/")) return { "server.address": authority };
  const [, host, port] = /^(.*?)(?::(\d{1,5}))?$/s.exec(authority) as unknown as [string, string, string | undefined];
  const address = host.startsWith("[") ? host.slice(1, -1) : host;
  return { "server.address": address, ...(port !== undefined && { "server.port": Number(port) }) };
}

const knownMethods: ReadonlySet<string> = new Set(
  "CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split(" "),
);

/** The attributes of a method. One that is not well known is not a value to group by, because a client may invent it. */
export function methodAttributes(method: string): Attributes {
  return knownMethods.has(method)
    ? { "http.request.method": method }
    : { "http.request.method": "_OTHER", "http.request.method_original": method };
}

/** The method as it stands in the name of a span. */
export function spanMethod(method: string): string {
  return knownMethods.has(method) ? method : "HTTP";
}
