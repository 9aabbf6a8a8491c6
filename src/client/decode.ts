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

/** What is asked for by default, and can be decoded. */
export const acceptedCodings = "gzip, deflate, br, zstd";

/** A way in which a body was made smaller. */
export type Coding = "gzip" | "deflate" | "br" | "zstd";

/** Gives the next piece of a body, `undefined` at its end. */
export type ReadPiece = () => Promise<Uint8Array | undefined>;

const codings: Readonly<Record<string, Coding | "identity">> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  zstd: "zstd",
  identity: "identity",
};

// More of them than anybody needs, and each makes a bomb larger.
const most = 3;

/** The codings of a body, in the order in which they are to be undone. None if one is unknown: it is left as it is. */
export function codingsOf(header: string | undefined): Coding[] {
  const named = (header ?? "").split(",").flatMap((name) => name.trim().toLowerCase() || []);
  const known = named.flatMap((name) => codings[name] ?? []);
  if (known.length < named.length || known.length > most) return [];
  return known.filter((coding) => coding !== "identity").toReversed();
}

// Decoding at once costs a fraction of decoding as a stream, but holds up everything else: so for small ones only.
const atOnce = { maxOutputLength: 2 ** 20 };

/** Decodes a small body at once; `undefined` if it is not small when decoded. */
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

// "deflate" means zlib's format; some servers send the bare stream within.
function hasZlibHeader(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8;
}

/**
 * Decodes a body piece by piece. No more is decoded than is read: what a small piece would become when it is decoded,
 * however large, is made as it is asked for.
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

  /** The next decoded piece, `undefined` at the end. @throws Whatever is wrong with what is decoded. */
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

  /** Lets go of what it holds. */
  close(): void {
    this.#isOver = true;
    this.#stream?.destroy();
  }

  #change(): Promise<void> {
    return park<void>(this.#resource, (wait) => {
      this.#reader = wait;
    });
  }

  // The next piece is taken when the last has been decoded: not before, or what is ready would wait for what comes.
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

  // A body that is empty was not encoded.
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
