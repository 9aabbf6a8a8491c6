import {
  brotliCompress,
  type BrotliOptions,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  type ZlibOptions,
  zstdCompress,
  type ZstdOptions,
} from "node:zlib";
import type { Transform } from "node:stream";
import { Future } from "../../asyncio/index.ts";

/** A content coding that responses can have. */
export type ContentCoding = "zstd" | "br" | "gzip";

type Coded = (error: Error | null, bytes: Uint8Array) => void;
/** A stream of `node:zlib`, which can let go of what it holds back. */
type Encoder = Transform & { flush(flushed: () => void): void };

interface Coder {
  /** Compresses bytes at once. */
  readonly whole: (bytes: Uint8Array, coded: Coded) => void;
  /** Makes a stream that compresses. */
  readonly stream: () => Encoder;
}

// The defaults of brotli are for files that are compressed once: at 11, a page would take a hundred times as long.
const brotli: BrotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const zstd: ZstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
const deflate: ZlibOptions = { level: 6 };

const coders: Readonly<Record<ContentCoding, Coder>> = {
  zstd: {
    whole: (bytes, coded) => zstdCompress(bytes, zstd, coded),
    stream: () => createZstdCompress(zstd),
  },
  br: {
    whole: (bytes, coded) => brotliCompress(bytes, brotli, coded),
    stream: () => createBrotliCompress(brotli),
  },
  gzip: { whole: (bytes, coded) => gzip(bytes, deflate, coded), stream: () => createGzip(deflate) },
};

/** Compresses bytes, in a thread of Node's. */
export async function compressWhole(coding: ContentCoding, bytes: Uint8Array): Promise<Uint8Array> {
  const done = new Future<Uint8Array>({ name: `${coding} of ${bytes.byteLength} bytes` });
  coders[coding].whole(bytes, (error, coded) => {
    if (done.done()) return;
    if (error === null) done.setResult(coded);
    else done.setException(error);
  });
  return await done;
}

/** Compresses a stream; what came of a piece is sent before the next one is asked for. */
export async function* compressPieces(
  coding: ContentCoding,
  pieces: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = coders[coding].stream();
  const coded: Uint8Array[] = [];
  encoder.on("data", (bytes: Uint8Array) => coded.push(bytes));
  try {
    for await (const piece of pieces) {
      await step(encoder, (done) => {
        encoder.write(piece);
        encoder.flush(done);
      });
      yield Buffer.concat(coded.splice(0));
    }
    await step(encoder, (done) => encoder.once("end", done).end());
    yield Buffer.concat(coded.splice(0));
  } finally {
    encoder.destroy();
  }
}

/** Waits until the encoder has done what `begin` asks for. */
async function step(encoder: Encoder, begin: (done: () => void) => void): Promise<void> {
  const done = new Future({ name: "compression" });
  const fail = (error: Error): void => {
    if (!done.done()) done.setException(error);
  };
  encoder.once("error", fail);
  begin(() => {
    if (!done.done()) done.setResult();
  });
  try {
    await done;
  } finally {
    encoder.off("error", fail);
  }
}
