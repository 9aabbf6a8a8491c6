import { timeout, TimeoutError } from "../../asyncio/index.ts";
import { type Exchange, findHeader } from "../../http/index.ts";
import { ContentTooLarge } from "../errors/http-error.ts";
import { RequestTimeout } from "../errors/statuses.ts";

/** The limits that hold when the body is read. */
interface ReadLimits {
  readonly maxContentLength: number;
  readonly bodyTimeout: number;
}

/** The body of a request, read once: piece by piece, or whole. */
export class RequestBody {
  readonly #exchange: Exchange;
  readonly #limits: () => ReadLimits;
  readonly #chunks: Uint8Array[] = [];
  #received = 0;
  #bytes: Promise<Uint8Array> | undefined;

  /** @param limits Gives the limits as they are at the moment. */
  constructor(exchange: Exchange, limits: () => ReadLimits) {
    this.#exchange = exchange;
    this.#limits = limits;
  }

  /**
   * All of it. It may be asked for again.
   *
   * @throws {ContentTooLarge} If it is too large.
   * @throws {RequestTimeout} If it takes too long to come.
   */
  async bytes(): Promise<Uint8Array> {
    try {
      return await (this.#bytes ??= this.#collectInTime());
    } catch (error) {
      // The bytes that have arrived are kept, and may be asked for again.
      this.#bytes = undefined;
      throw error;
    }
  }

  /** The pieces that were not read yet. */
  pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    // At once: within a stream that is sent as the response it would be too late for a 413.
    this.#refuseAnnounced();
    return this.#pieces();
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let piece = await this.#read(); piece !== undefined; piece = await this.#read()) yield piece;
  }

  /** All of it, even if it was read whole before, or in part. */
  async *wholeOrPieces(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#bytes !== undefined) {
      yield await this.#bytes;
    } else {
      yield* this.#chunks;
      yield* this.pieces();
    }
  }

  async #collectInTime(): Promise<Uint8Array> {
    const { bodyTimeout } = this.#limits();
    if (bodyTimeout === Infinity) return await this.#collect();
    try {
      return await timeout(bodyTimeout, () => this.#collect());
    } catch (error) {
      throw error instanceof TimeoutError ? new RequestTimeout(undefined, { cause: error }) : error;
    }
  }

  async #collect(): Promise<Uint8Array> {
    for (let piece = await this.#read(); piece !== undefined; piece = await this.#read()) this.#chunks.push(piece);
    return this.#chunks.length === 1 ? (this.#chunks[0] as Uint8Array) : Buffer.concat(this.#chunks);
  }

  async #read(): Promise<Uint8Array | undefined> {
    // A body that is announced as too large is refused before it is read.
    if (this.#received === 0) this.#refuseAnnounced();
    const piece = await this.#exchange.read();
    this.#received += piece?.byteLength ?? 0;
    this.#refuseBeyond(this.#received);
    return piece;
  }

  #refuseAnnounced(): void {
    this.#refuseBeyond(Number(findHeader(this.#exchange.rawHeaders, "content-length") ?? 0));
  }

  #refuseBeyond(length: number): void {
    const { maxContentLength } = this.#limits();
    if (length > maxContentLength) throw new ContentTooLarge(maxContentLength);
  }
}
