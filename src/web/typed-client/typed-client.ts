import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { contractParts, responseSchemas } from "../contracts/check-contract.ts";
import type { ViewOptions } from "../routing/route.ts";
import { encodeRequest, type RequestParts } from "./_encode-request.ts";
import type { InputArguments, OptionsOf, PathsOf, ResponseOf } from "./types.ts";

/** A response, as far as a typed client reads it. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null | undefined };
  text(): string | Promise<string>;
}

/** An object that sends requests: a `TestClient`, or a `ClientSession` whose `baseUrl` has no path. */
export interface RequestSender {
  /** Sends a request, and resolves to the response. */
  request(
    method: string,
    path: string,
    options: { readonly headers: [name: string, value: string][]; readonly body?: string | Uint8Array },
  ): Promise<ReceivedResponse>;
}

/** Options of {@link typedClient}. */
export interface TypedClientOptions<Routes = object> {
  /**
   * The table itself. With it, a response of a status that the contract of its route does not have is an error; without it,
   * which loads no schema, such a response is returned, although its type does not say so.
   * @default none
   */
  readonly routes?: Routes;
  /**
   * Headers for every request.
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The function that sends requests to a base URL.
   * @default the global `fetch`
   */
  readonly fetch?: (url: string, init: RequestInit) => Promise<ReceivedResponse>;
}

/** A client whose methods know the routes of a table: what each takes, and what it answers by status. */
export interface TypedClient<Routes> {
  /** Sends a GET request. @throws {UnexpectedResponseError} If the contract has no such response. */
  get<const Path extends PathsOf<Routes, "GET">>(
    path: Path,
    ...input: InputArguments<Path, OptionsOf<Routes, "GET", Path>>
  ): Promise<ResponseOf<OptionsOf<Routes, "GET", Path>>>;
  /** Sends a POST request. @throws {UnexpectedResponseError} If the contract has no such response. */
  post<const Path extends PathsOf<Routes, "POST">>(
    path: Path,
    ...input: InputArguments<Path, OptionsOf<Routes, "POST", Path>>
  ): Promise<ResponseOf<OptionsOf<Routes, "POST", Path>>>;
  /** Sends a PUT request. @throws {UnexpectedResponseError} If the contract has no such response. */
  put<const Path extends PathsOf<Routes, "PUT">>(
    path: Path,
    ...input: InputArguments<Path, OptionsOf<Routes, "PUT", Path>>
  ): Promise<ResponseOf<OptionsOf<Routes, "PUT", Path>>>;
  /** Sends a PATCH request. @throws {UnexpectedResponseError} If the contract has no such response. */
  patch<const Path extends PathsOf<Routes, "PATCH">>(
    path: Path,
    ...input: InputArguments<Path, OptionsOf<Routes, "PATCH", Path>>
  ): Promise<ResponseOf<OptionsOf<Routes, "PATCH", Path>>>;
  /** Sends a DELETE request. @throws {UnexpectedResponseError} If the contract has no such response. */
  delete<const Path extends PathsOf<Routes, "DELETE">>(
    path: Path,
    ...input: InputArguments<Path, OptionsOf<Routes, "DELETE", Path>>
  ): Promise<ResponseOf<OptionsOf<Routes, "DELETE", Path>>>;
}

/** A server has answered with a status that the contract does not have, or with a body that is not the JSON it says it is. */
export class UnexpectedResponseError extends Error {
  override readonly name = "UnexpectedResponseError";
  /** The status. */
  readonly status: number;
  /** The body. */
  readonly text: string;

  constructor(request: string, status: number, text: string, reason: string, options?: ErrorOptions) {
    super(`Cannot use the response to ${request} as ${reason}: current status is ${status}`, options);
    this.status = status;
    this.text = text;
  }
}

/**
 * Makes a client of routes that `contractRoutes` declares: `typedClient(target, { routes })`; or of their types alone, without
 * loading a schema: `typedClient<typeof routes>(target)`. It sends what it is given, and the server validates it.
 *
 * @param target The URL under which the application answers; or what sends the requests: a test client, or a session of
 *   `pottle/client` whose `baseUrl` has no path, by which a request is cancelled with its task.
 * @throws {TypeError} If `target` is neither a URL nor able to send requests.
 * @example
 * import { typedClient } from "pottle/typed-client";
 * import { z } from "zod";
 * const routes = contractRoutes({ "GET /todos/<int:id>": { response: { 200: z.object({ id: z.number() }), 404: null } } });
 * const app = new Pottle(import.meta);
 * addContractRoutes(app, routes, { "GET /todos/<int:id>": ({ id }) => (id < 9 ? { id } : reply(404, null)) });
 * const client = typedClient(app.testClient(), { routes });
 * const response = await client.get("/todos/<int:id>", { params: { id: 7 } });
 * if (response.status === 200) console.log(response.body.id); // 7
 */
export function typedClient<Routes>(
  target: string | URL | RequestSender,
  options: TypedClientOptions<Routes> = {},
): TypedClient<Routes> {
  const sender = toSender(target, options);
  const call =
    (method: string) =>
    async (path: string, parts: RequestParts = {}) =>
      await send(sender, method, path, parts, options);
  const methods = {
    get: call("GET"),
    post: call("POST"),
    put: call("PUT"),
    patch: call("PATCH"),
    delete: call("DELETE"),
  };
  return methods as unknown as TypedClient<Routes>;
}

function toSender(
  target: string | URL | RequestSender,
  { fetch: ask = globalThis.fetch }: TypedClientOptions<unknown>,
): RequestSender {
  if (typeof target === "string" || target instanceof URL) {
    const base = String(target).replace(/\/$/, "");
    if (!URL.canParse(base)) throw wrongType("make a client", "'target' must be an absolute URL", target);
    return {
      request: (method, path, { headers, body }) =>
        ask(base + path, {
          method,
          headers,
          ...(body === undefined ? {} : { body: body as NonNullable<RequestInit["body"]> }),
        }),
    };
  }
  const { request } = target as { readonly request?: unknown };
  if (typeof request === "function") return target;
  throw wrongType("make a client", "'target' must be a URL or have a function 'request'", target, showKind);
}

async function send(
  sender: RequestSender,
  method: string,
  path: string,
  parts: RequestParts,
  options: TypedClientOptions<unknown>,
): Promise<object> {
  const { target, headers, body } = await encodeRequest(path, parts);
  const all: [string, string][] = [...Object.entries(options.headers ?? {}), ...headers];
  const response = await sender.request(method, target, { headers: all, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  const { status } = response;
  checkStatus(`${method} ${path}`, status, text, options.routes);
  return { status, headers: response.headers, body: readBody(`${method} ${path}`, response, text) };
}

function checkStatus(key: string, status: number, text: string, routes: unknown): void {
  const table = routes as Readonly<Record<string, ViewOptions>> | undefined;
  const contract = table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
  const schemas = contract === undefined ? undefined : responseSchemas(contract);
  if (contract === undefined || schemas === undefined || Object.hasOwn(schemas, status)) return;
  if (status === 400 && contractParts.some((part) => contract[part] !== undefined)) return;
  throw new UnexpectedResponseError(key, status, text, "its contract does not have such a status");
}

function readBody(request: string, { status, headers }: ReceivedResponse, text: string): unknown {
  if (text === "") return null;
  const type = headers.get("content-type") ?? "";
  if (!/^application\/(?:[^/;]+\+)?json\s*(?:;|$)/i.test(type)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new UnexpectedResponseError(request, status, text, "its body is not JSON", { cause });
  }
}
