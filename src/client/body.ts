import { isCancelled } from "../asyncio/index.ts";
import { closed, type HttpCall } from "./call.ts";
import { type Coding, codingsOf, decodeAtOnce, Decoder, type ReadPiece } from "./decode.ts";
import { ClientError, ClientPayloadError, PayloadTooLarge, type ResponseInfo } from "./errors.ts";

/** The decoded body of a response; its size is limited. */
export class ResponseBody {
  readonly #call: HttpCall;
  readonly #codings: readonly Coding[];
  readonly #limit: number;
  readonly #decoders: Decoder[] = [];
  readonly #announced: number;
  #read: ReadPiece | undefined;
  #size = 0;
  #failure: Error | undefined;

  constructor(call: HttpCall, { status, headers }: ResponseInfo, limit: number) {
    this.#call = call;
    const isEmpty = call.request.method === "HEAD" || status === 204 || status === 304;
    this.#codings = isEmpty ? [] : codingsOf(headers.getAll("content-encoding").join(","));
    this.#announced = isEmpty ? 0 : Number(headers.get("content-length") ?? 0);
    this.#limit = limit;
  }

  /** The next piece, or `undefined` at the end. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#failure !== undefined) throw this.#failure;
    // A body is refused before it is read if its announced size is too large.
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
      // If reading was cancelled, the rest is not wanted, and a later reader must not get half of the body.
      this.#abort();
      this.#failure = isCancelled(error) ? closed(this.#call.request.info) : (error as Error);
      throw error;
    }
  }

  #abort(): void {
    for (const decoder of this.#decoders) decoder.close();
    this.#call.abort();
  }

  /** Ends reading, because the rest is not wanted. */
  close(): void {
    for (const decoder of this.#decoders) decoder.close();
    this.#call.close(this.#announced);
  }

  #open(): ReadPiece {
    const coded: ReadPiece = () => this.#call.read();
    if (this.#codings.length === 0) return coded;
    return this.#call.isComplete ? this.#decodeAtOnce(coded) : this.#decode(coded);
  }

  // Called when the whole body has arrived, so that it is known to be small.
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
    const { info } = this.#call.request;
    const reason = `Cannot read the body of ${info.method} ${info.url} as it is not ${coding}: ${error.message}`;
    return this.#fail(new ClientPayloadError(info, reason, { cause: error }));
  }

  #refuseBeyond(size: number): void {
    if (size > this.#limit) throw this.#fail(new PayloadTooLarge(this.#call.request.info, this.#limit));
  }

  #fail(error: ClientError): ClientError {
    this.#failure = error;
    this.#call.fail(error);
    this.#abort();
    return error;
  }
}

// Errors of zlib have a `code`; cancellations and our own errors do not.
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

const utf8 = new TextDecoder();

/**
 * The text of a body. The charset is determined by the byte order mark, else by `Content-Type`, else it is UTF-8. Bytes
 * that cannot be decoded become U+FFFD.
 */
export function textOf(bytes: Uint8Array, contentType: string | undefined): string {
  const charset = charsetOfMark(bytes) ?? charsetOf(contentType);
  return charset === undefined ? utf8.decode(bytes) : decoderFor(charset).decode(bytes);
}

function charsetOfMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}

function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1];
}

// Falls back to UTF-8, because servers may announce charsets that do not exist.
function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return utf8;
  }
}
