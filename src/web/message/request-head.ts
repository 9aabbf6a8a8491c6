import { type CookieList, type Exchange, HeaderList, type HeadersLike } from "../../http/index.ts";
import { type MediaType, parseCookies, parseMediaType, type Peer } from "../../http/index.ts";
import { RequestValues } from "./request-values.ts";

/** The view that a request was routed to, as far as the request shows it. */
export interface RoutedView {
  /** The path of its route. */
  readonly path: string;
  /** The name of its route, within its blueprints. */
  readonly name: string;
  /** The application or the blueprint around it. */
  readonly nesting: { readonly name: string };
}

/** The values of the path's parameters. */
type ViewArgs = Readonly<Record<string, unknown>>;

const noArgs: ViewArgs = Object.freeze({});

/** The head of a request: all of it but its body. Everything in it is made when it is first asked for. */
export abstract class RequestHead {
  /** The decoded path. */
  readonly path: string;
  /** The query as the client sent it, without its `?`. */
  readonly query: string;
  /** @internal */
  protected readonly exchange: Exchange;
  readonly #routed: RoutedView | undefined;
  readonly #viewArgs: ViewArgs;
  #args: RequestValues | undefined;
  #headers: HeaderList | undefined;
  #cookies: CookieList | undefined;

  constructor(exchange: Exchange, path: string, query: string, routed?: RoutedView, viewArgs: ViewArgs = noArgs) {
    this.path = path;
    this.query = query;
    this.exchange = exchange;
    this.#routed = routed;
    this.#viewArgs = viewArgs;
  }

  /** The method, in the client's spelling. */
  get method(): string {
    return this.exchange.method;
  }

  /** The request target as the client sent it: path and query, undecoded. */
  get target(): string {
    return this.exchange.target;
  }

  /** The decoded path and the query, with a `?` between them even if the query is empty. */
  get fullPath(): string {
    return `${this.path}?${this.query}`;
  }

  /** `http` or `https`. */
  get scheme(): "http" | "https" {
    return this.exchange.scheme;
  }

  /** Whether the request came by HTTPS. */
  get isSecure(): boolean {
    return this.scheme === "https";
  }

  /** The host that the client asked, with its port if it named one; empty if it named none. The client may write any text. */
  get host(): string {
    return this.headers.get("host") ?? "";
  }

  /** The URL that the client asked for, as it wrote it. Its host is the client's word. */
  get url(): string {
    return `${this.scheme}://${this.host}${encodeURI(this.basePath.toWellFormed())}${this.target}`;
  }

  /** The part of the path, decoded, that was taken off in front of this application; empty if nothing was. */
  get basePath(): string {
    return this.exchange.basePath ?? "";
  }

  /** @internal Whether its response has begun. */
  get responded(): boolean {
    return this.exchange.responded;
  }

  /** The HTTP version: `1.0`, `1.1` or `2`. */
  get httpVersion(): string {
    return this.exchange.httpVersion;
  }

  /** The other end of the connection; `undefined` if it has no address. */
  get peer(): Peer | undefined {
    return this.exchange.peer;
  }

  /**
   * The IP address of the client; `undefined` if it has none, as over a Unix socket. What a proxy says of its client is
   * believed only of those that `trustedProxies` of the server names.
   */
  get remoteAddress(): string | undefined {
    return this.exchange.peer?.address;
  }

  /** The arguments of the query, decoded. A name may have several: `request.args.getAll("tag")`. */
  get args(): RequestValues {
    return (this.#args ??= new RequestValues(this.query));
  }

  /** The headers. Changing them changes nothing but this list. */
  get headers(): HeaderList {
    return (this.#headers ??= new HeaderList(this.exchange.rawHeaders));
  }

  /** The headers behind the body, once that has been read; empty before, and if there are none. */
  get trailers(): HeaderList {
    return new HeaderList(this.exchange.trailers);
  }

  /** The cookies that the client sent. To have it keep others, set them in the response. */
  get cookies(): CookieList {
    return (this.#cookies ??= parseCookies(this.headers.getAll("cookie").join("; ")));
  }

  /** The media type of the body, as the client says; `undefined` if it does not, or it is not a media type. */
  get contentType(): MediaType | undefined {
    return parseMediaType(this.headers.get("content-type"));
  }

  /** The media type of the body without its parameters, in lower case: `application/json`; empty if there is none. */
  get mimetype(): string {
    return this.contentType?.essence ?? "";
  }

  /** Whether the body is JSON, as the client says: `application/json`, or `application/` and a name with `+json`. */
  get isJSON(): boolean {
    return /^application\/(?:[^/]+\+)?json$/.test(this.mimetype);
  }

  /** The size of the body in bytes, if the client announces it. */
  get contentLength(): number | undefined {
    const text = this.headers.get("content-length") ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  }

  /** The name of the route, within its blueprints, as `urlFor` takes it; `undefined` if the request has no route. */
  get endpoint(): string | undefined {
    return this.#routed?.name;
  }

  /** The path of the route: `/todos/<int:id>`; `undefined` if the request has no route. */
  get urlRule(): string | undefined {
    return this.#routed?.path;
  }

  /** The values of the path's parameters, as the view gets them; empty if there are none. */
  get viewArgs(): ViewArgs {
    return this.#viewArgs;
  }

  /** The name of the blueprint of the view, within those around it; `undefined` if it has none. */
  get blueprint(): string | undefined {
    return this.#routed?.nesting.name || undefined;
  }

  /** The names of the blueprint of the view and of those around it, from the inner to the outer one. */
  get blueprints(): readonly string[] {
    const parts = this.blueprint?.split(".") ?? [];
    return parts.map((_, i) => parts.slice(0, parts.length - i).join("."));
  }

  /**
   * Sends the client `103 Early Hints`, so that it can load what `Link` headers name while the view makes the response. May
   * be called several times, before the view returns.
   *
   * @returns Whether it was sent: not to a client of HTTP/1.0, nor after the response has begun or the connection has ended.
   * @throws {InvalidHeaderError} If a name or value may not stand in a header.
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/", async (_, request) => {
   *   request.sendEarlyHints({ Link: "</main.css>; rel=preload; as=style" });
   *   await sleep(5);
   *   return '<link rel="stylesheet" href="/main.css">';
   * });
   * console.log((await app.testClient().get("/")).status); // 200
   * @see https://www.rfc-editor.org/rfc/rfc8297
   */
  sendEarlyHints(headers: HeadersLike): boolean {
    return this.exchange.sendEarlyHints(new HeaderList(headers).raw);
  }
}
