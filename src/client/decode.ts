import type { Transform } from "node:stream";
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";
import { park, type Park, type Resource } from "../asyncio/index.ts";
import { codeOf } from "../base/error-code.ts";

/** The codings that can be decoded, and that requests accept by default. */
export const acceptedCodings = "gzip, deflate, br, zstd";

/** A content coding: the compression format of a body. */
export type Coding = "gzip" | "deflate" | "br" | "zstd";

/** Returns the next piece of a body, or `undefined` at its end. */
export type ReadPiece = () => Promise<Uint8Array | undefined>;

const codings: Readonly<Record<string, Coding | "identity">> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  zstd: "zstd",
  identity: "identity",
};

// The maximum number of codings of one body. Real servers need fewer, and each one more makes a decompression bomb
// larger.
const most = 3;

/**
 * The codings of a body, in the order in which they must be decoded. Empty if one of them is unknown: then the body is
 * not decoded.
 */
export function codingsOf(header: string | undefined): Coding[] {
  const named = (header ?? "").split(",").flatMap((name) => name.trim().toLowerCase() || []);
  const known = named.flatMap((name) => codings[name] ?? []);
  if (known.length < named.length || known.length > most) return [];
  return known.filter((coding) => coding !== "identity").toReversed();
}

// Synchronous decoding is much cheaper than decoding a stream, but blocks the event loop. So it is used only for small
// bodies.
const atOnce = { maxOutputLength: 2 ** 20 };

/** Decodes a small body synchronously; returns `undefined` if the decoded body is not small. */
export function decodeAtOnce(bytes: Uint8Array, coding: Coding): Uint8Array | undefined {
  try {
    return syncDecoders[coding](bytes);
  } catch (error) {
    if (codeOf(error) === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw error;
  }
}

const syncDecoders: Readonly<Record<Coding, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gunzipSync(bytes, atOnce),
  deflate: (bytes) => (hasZlibHeader(bytes) ? inflateSync(bytes, atOnce) : inflateRawSync(bytes, atOnce)),
  br: (bytes) => brotliDecompressSync(bytes, atOnce),
  zstd: (bytes) => zstdDecompressSync(bytes, atOnce),
};

const decoders: Readonly<Record<Coding, (first: Uint8Array) => Transform>> = {
  gzip: () => createGunzip(),
  deflate: (first) => (hasZlibHeader(first) ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
};

// "deflate" means the zlib format, but some servers send a raw deflate stream without the zlib header.
function hasZlibHeader(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8;
}

/**
 * Decodes a body piece by piece. It decodes only as much as is read, so that a small piece which decodes to a large
 * amount of data is not decoded all at once.
 */
export class Decoder {
  readonly #coding: Coding;
  readonly #readCoded: ReadPiece;
  readonly #resource: Resource;
  #stream: Transform | undefined;
  #isFed = false;
  #isDigesting = false;
  #isOver = false;
  #error: Error | undefined;
  #reader: Park<void> | undefined;

  constructor(coding: Coding, readCoded: ReadPiece) {
    this.#coding = coding;
    this.#readCoded = readCoded;
    this.#resource = { kind: "read", name: coding };
  }

  /** The next decoded piece, or `undefined` at the end. @throws The error of zlib if the data is invalid. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#stream?.read() as Uint8Array | null | undefined;
      if (piece) return piece;
      if (this.#error !== undefined) throw this.#error;
      if (this.#isOver) return undefined;
      if (this.#isFed || this.#isDigesting) await this.#change();
      else await this.#feed();
    }
  }

  /** Releases the decoder. */
  close(): void {
    this.#isOver = true;
    this.#stream?.destroy();
  }

  #change(): Promise<void> {
    return park<void>(this.#resource, (wait) => {
      this.#reader = wait;
    });
  }

  // Reads the next coded piece only when the last one has been decoded; otherwise decoded data would have to wait for
  // the next piece.
  async #feed(): Promise<void> {
    const coded = await this.#readCoded();
    if (coded === undefined) return this.#endInput();
    this.#stream ??= this.#open(coded);
    this.#isDigesting = true;
    this.#stream.write(coded, () => {
      this.#isDigesting = false;
      this.#reader?.wake();
    });
  }

  // An empty body is not encoded, so there is nothing to decode.
  #endInput(): void {
    this.#isFed = true;
    if (this.#stream === undefined) this.#isOver = true;
    else this.#stream.end();
  }

  #open(first: Uint8Array): Transform {
    const stream = decoders[this.#coding](first);
    const wake = (): void => void this.#reader?.wake();
    stream.on("readable", wake);
    stream.once("end", () => {
      this.#isOver = true;
      wake();
    });
    stream.once("error", (error) => {
      this.#error = error;
      wake();
    });
    return stream;
  }
}
