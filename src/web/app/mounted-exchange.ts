import { type Exchange, type Peer, type RawHeaders, type ResponseBody, splitTarget } from "../../http/index.ts";
import { encodePath } from "../routing/build-path.ts";

/** An exchange as an application sees it that is mounted under a prefix: its target begins after the prefix. */
export class MountedExchange implements Exchange {
  readonly target: string;
  /** What was taken off the path: the prefixes of all mounts around the application, not encoded. */
  readonly basePath: string;
  readonly #outer: Exchange;

  /** @param prefix The prefix of the mount, which the decoded path of `outer` begins with. */
  constructor(outer: Exchange, prefix: string, path: string) {
    this.#outer = outer;
    this.basePath = basePathOf(outer) + prefix;
    this.target = withoutPrefix(outer.target, prefix, path);
  }

  get method(): string {
    return this.#outer.method;
  }

  get rawHeaders(): RawHeaders {
    return this.#outer.rawHeaders;
  }

  get scheme(): "http" | "https" {
    return this.#outer.scheme;
  }

  get httpVersion(): string {
    return this.#outer.httpVersion;
  }

  get peer(): Peer | undefined {
    return this.#outer.peer;
  }

  get responded(): boolean {
    return this.#outer.responded;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#outer.read();
  }

  respond(status: number, headers: RawHeaders, body?: ResponseBody): Promise<void> {
    return this.#outer.respond(status, headers, body);
  }

  onDisconnect(listener: Parameters<Exchange["onDisconnect"]>[0]): void {
    this.#outer.onDisconnect(listener);
  }
}

/** The path under which the application is mounted that answers an exchange; empty if it is not mounted. */
export function basePathOf(exchange: Exchange & { readonly basePath?: string }): string {
  return exchange.basePath ?? "";
}

/**
 * The target after the prefix. It stays as the client wrote it, unless the client wrote the prefix in an unusual way:
 * `/%61pp/x` is `/app/x` as well.
 */
function withoutPrefix(target: string, prefix: string, path: string): string {
  const { path: encoded, query } = splitTarget(target);
  const spelled = encodePath(prefix);
  const rest = encoded.startsWith(`${spelled}/`)
    ? encoded.slice(spelled.length)
    : encodePath(path.slice(prefix.length));
  return query === "" ? rest : `${rest}?${query}`;
}
