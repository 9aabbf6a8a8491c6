import type { Exchange, Peer, RawHeaders, RespondOptions, ResponseBody, TlsFacts } from "./application.ts";
import type { Disconnect } from "./errors.ts";

/** The parts of a request that a {@link WrappedExchange} shows in place of those of the exchange that it wraps. */
export interface ExchangeView {
  /** @default that of the wrapped exchange */
  readonly target?: string;
  /** @default those of the wrapped exchange */
  readonly rawHeaders?: RawHeaders;
  /** @default that of the wrapped exchange */
  readonly scheme?: "http" | "https";
  /** @default that of the wrapped exchange */
  readonly peer?: Peer | undefined;
  /** @default that of the wrapped exchange */
  readonly basePath?: string;
}

/**
 * An exchange that shows an application another view of the request, and leaves the rest to the exchange that it wraps:
 * for authors of gateway middlewares.
 *
 * @example
 * const exchange = new MemoryExchange({ target: "/hello" });
 * const shouted = new WrappedExchange(exchange, { target: exchange.target.toUpperCase() });
 * console.log(shouted.target, shouted.method); // /HELLO GET
 */
export class WrappedExchange implements Exchange {
  readonly #inner: Exchange;
  readonly #view: ExchangeView;

  constructor(inner: Exchange, view: ExchangeView) {
    this.#inner = inner;
    this.#view = view;
  }

  /** The exchange that it wraps. */
  get inner(): Exchange {
    return this.#inner;
  }

  get method(): string {
    return this.#inner.method;
  }

  get target(): string {
    return this.#view.target ?? this.#inner.target;
  }

  get rawHeaders(): RawHeaders {
    return this.#view.rawHeaders ?? this.#inner.rawHeaders;
  }

  get scheme(): "http" | "https" {
    return this.#view.scheme ?? this.#inner.scheme;
  }

  get httpVersion(): string {
    return this.#inner.httpVersion;
  }

  get peer(): Peer | undefined {
    return "peer" in this.#view ? this.#view.peer : this.#inner.peer;
  }

  get tls(): TlsFacts | undefined {
    return this.#inner.tls;
  }

  get trailers(): RawHeaders {
    return this.#inner.trailers;
  }

  get basePath(): string {
    return this.#view.basePath ?? this.#inner.basePath ?? "";
  }

  get responded(): boolean {
    return this.#inner.responded;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#inner.read();
  }

  respond(status: number, headers: RawHeaders, body?: ResponseBody, options?: RespondOptions): Promise<void> {
    return this.#inner.respond(status, headers, body, options);
  }

  sendEarlyHints(headers: RawHeaders): boolean {
    return this.#inner.sendEarlyHints(headers);
  }

  onDisconnect(listener: (reason: Disconnect) => void): void {
    this.#inner.onDisconnect(listener);
  }
}
