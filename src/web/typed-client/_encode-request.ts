import { buildPath, encodeQuery } from "../routing/build-path.ts";
import { parsePath, type PathPattern } from "../routing/path-pattern.ts";

type PlainValue = string | number | boolean | undefined;

/** The parts of a request, as callers give them. */
export interface RequestParts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, PlainValue>>;
  readonly cookies?: Readonly<Record<string, PlainValue>>;
  readonly body?: unknown;
  readonly form?: FormData | Readonly<Record<string, unknown>>;
}

/** A request, ready to be sent. */
export interface EncodedRequest {
  /** Path and query. */
  readonly target: string;
  readonly headers: [name: string, value: string][];
  readonly body: string | Uint8Array | undefined;
}

const patterns = new Map<string, PathPattern>();

/**
 * Makes the request of a route.
 *
 * @throws {BuildError} If a parameter of the path has no value, or one that its converter cannot write.
 */
export async function encodeRequest(path: string, parts: RequestParts): Promise<EncodedRequest> {
  const { body, type } = await encodeBody(parts);
  const headers: [string, string][] = [["Accept", "application/json"]];
  if (type !== undefined) headers.push(["Content-Type", type]);
  for (const [name, value] of Object.entries(parts.headers ?? {})) {
    if (value !== undefined) headers.push([name, String(value)]);
  }
  const cookies = Object.entries(parts.cookies ?? {}).filter(([, value]) => value !== undefined);
  if (cookies.length > 0) headers.push(["Cookie", cookies.map(([name, value]) => `${name}=${value}`).join("; ")]);
  return { target: encodeTarget(path, parts), headers, body };
}

function encodeTarget(path: string, { params = {}, query = {} }: RequestParts): string {
  let pattern = patterns.get(path);
  if (pattern === undefined) patterns.set(path, (pattern = parsePath(path)));
  const search = encodeQuery(query);
  const target = buildPath(pattern, params);
  return search === "" ? target : `${target}?${search}`;
}

async function encodeBody({
  body,
  form,
}: RequestParts): Promise<{ body: string | Uint8Array | undefined; type?: string }> {
  if (body !== undefined) return { body: JSON.stringify(body), type: "application/json" };
  if (form === undefined) return { body: undefined };
  if (form instanceof FormData) {
    const encoded = new Response(form);
    return { body: await encoded.bytes(), type: encoded.headers.get("content-type") ?? "" };
  }
  return { body: encodeQuery(form), type: "application/x-www-form-urlencoded" };
}
