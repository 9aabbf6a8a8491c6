import { type Application, MemoryExchange, serveExchange, type ServeExchangeOptions } from "../src/http/index.ts";
import type { ContractCall, ContractConnection, ContractRequest } from "./gateway-scene.ts";

/** A connection without sockets: each request is an exchange of its own. */
export class MemoryConnection implements ContractConnection {
  readonly #app: Application;
  readonly #options: ServeExchangeOptions;
  readonly #exchanges: MemoryExchange[] = [];

  constructor(app: Application, options: ServeExchangeOptions) {
    this.#app = app;
    this.#options = options;
  }

  async request({ method, target, body = "" }: ContractRequest): Promise<ContractCall> {
    const exchange = new MemoryExchange({ method, target });
    this.#exchanges.push(exchange);
    void serveExchange(this.#app, exchange, this.#options);
    let left = typeof body === "number" ? body : body.length;
    const send = async (piece: Uint8Array): Promise<void> => {
      exchange.upload.push(piece);
      left -= piece.byteLength;
      if (left <= 0) exchange.upload.end();
    };
    if (typeof body === "string") await send(Buffer.from(body));
    return { send, head: () => exchange.head(), read: () => exchange.download.read() };
  }

  leave(): void {
    for (const exchange of this.#exchanges) exchange.disconnect();
  }

  halfClose(): void {
    this.leave();
  }
}
