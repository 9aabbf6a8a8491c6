import { isCancelled } from "../asyncio/index.ts";
import { type Coding, codingsOf, decodeAtOnce, Decoder, type ReadPiece } from "./_decode.ts";
import { closed, type Exchange } from "./_exchange.ts";
import { ClientError, ClientPayloadError, PayloadTooLarge, type ResponseInfo } from "./errors.ts";

/** The body of a response as its reader gets it: decoded, and no larger than allowed. */
export class ResponseBody {
  readonly #exchange: Exchange;
  readonly #codings: readonly Coding[];
  readonly #limit: number;
  readonly #decoders: Decoder[] = [];
  readonly #announced: number;
  #read: ReadPiece | undefined;
  #size = 0;
  #failure: Error | undefined;

  constructor(exchange: Exchange, { status, headers }: ResponseInfo, limit: number) {
    this.#exchange = exchange;
    const isEmpty = exchange.request.method === "HEAD" || status === 204 || status === 304;
    this.#codings = isEmpty ? [] : codingsOf(headers.getAll("content-encoding").join(","));
    this.#announced = isEmpty ? 0 : Number(headers.get("content-length") ?? 0);
    this.#limit = limit;
  }

  /** The next piece, `undefined` at the end. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#failure !== undefined) throw this.#failure;
    // What is announced as too large is refused before it is read.
    if (this.#codings.length === 0) this.#refuseBeyond(this.#announced);
    const piece = await this.#readPiece();
    this.#size += piece?.byteLength ?? 0;
    this.#refuseBeyond(this.#size);
    return piece;
  }

  async #readPiece(): Promise<Uint8Array | undefined> {
    try {
      return await (this.#read ??= this.#open())();
    } catch (error) {
      // Cancelled, if it has not failed: nobody wants the rest, and who asks for it later must not get half of it.
      this.#abort();
      this.#failure = isCancelled(error) ? closed(this.#exchange.request.info) : (error as Error);
      throw error;
    }
  }

  #abort(): void {
    for (const decoder of this.#decoders) decoder.close();
    this.#exchange.abort();
  }

  /** Wants no more of it. */
  close(): void {
    for (const decoder of this.#decoders) decoder.close();
    this.#exchange.close(this.#announced);
  }

  #open(): ReadPiece {
    const coded: ReadPiece = () => this.#exchange.read();
    if (this.#codings.length === 0) return coded;
    return this.#exchange.isComplete ? this.#decodeAtOnce(coded) : this.#decode(coded);
  }

  // It is all there, and therefore small.
  #decodeAtOnce(coded: ReadPiece): ReadPiece {
    let rest: ReadPiece | undefined;
    return async () => {
      if (rest !== undefined) return rest();
      const all = await collect(coded);
      rest = all.byteLength === 0 ? ends : this.#decodeAll(all);
      return rest();
    };
  }

  #decodeAll(all: Uint8Array): ReadPiece {
    let bytes: Uint8Array | undefined = all;
    for (const coding of this.#codings) bytes = bytes && this.#guardSync(coding, bytes);
    return once(bytes) ?? this.#decode(once(all)!);
  }

  #guardSync(coding: Coding, bytes: Uint8Array): Uint8Array | undefined {
    try {
      return decodeAtOnce(bytes, coding);
    } catch (error) {
      throw this.#explain(coding, error);
    }
  }

  #decode(coded: ReadPiece): ReadPiece {
    let read = coded;
    for (const coding of this.#codings) {
      const decoder = new Decoder(coding, read);
      this.#decoders.push(decoder);
      read = async () => {
        try {
          return await decoder.read();
        } catch (error) {
          throw this.#explain(coding, error);
        }
      };
    }
    return read;
  }

  #explain(coding: Coding, error: unknown): unknown {
    if (error instanceof ClientError || !hasCode(error)) return error;
    const { info } = this.#exchange.request;
    const reason = `Cannot read the body of ${info.method} ${info.url} as it is no ${coding}: ${error.message}`;
    return this.#fail(new ClientPayloadError(info, reason, { cause: error }));
  }

  #refuseBeyond(size: number): void {
    if (size > this.#limit) throw this.#fail(new PayloadTooLarge(this.#exchange.request.info, this.#limit));
  }

  #fail(error: ClientError): ClientError {
    this.#failure = error;
    this.#exchange.fail(error);
    this.#abort();
    return error;
  }
}

// Errors of zlib have one; cancellations and our own do not.
function hasCode(error: unknown): error is Error {
  return error instanceof Error && "code" in error;
}

async function collect(read: ReadPiece): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let piece = await read(); piece !== undefined; piece = await read()) pieces.push(piece);
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

function once(bytes: Uint8Array | undefined): ReadPiece | undefined {
  if (bytes === undefined) return undefined;
  let left: Uint8Array | undefined = bytes;
  return () => {
    const piece = left;
    left = undefined;
    return Promise.resolve(piece);
  };
}

const ends: ReadPiece = () => Promise.resolve(undefined);
