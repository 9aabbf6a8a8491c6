import { type ResponseBody, toBytes } from "../../http/index.ts";
import type { BytePart } from "../negotiation/byte-ranges.ts";
import { deriveStream } from "./_derived-stream.ts";

/** A body of which parts can be sent. */
export interface PartSource {
  /** Its size in bytes. */
  readonly size: number;
  /** A part of it. */
  part(part: BytePart): ResponseBody;
  /** Parts of it in ascending order, one after the other: `between` is called before each, and once more behind the last. */
  parts(parts: readonly BytePart[], between: (index: number) => Uint8Array): ResponseBody;
}

/**
 * The parts of a body.
 *
 * @param size Its size in bytes, if it is a stream whose size is known.
 * @returns `undefined` if it is a stream of unknown size.
 */
export function partsOf(body: ResponseBody, size: number | undefined): PartSource | undefined {
  if (typeof body === "string" || body instanceof Uint8Array) return new BytesSource(toBytes(body));
  return size === undefined ? undefined : new StreamSource(body, size);
}

class BytesSource implements PartSource {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.byteLength;
  }

  part({ start, length }: BytePart): Uint8Array {
    return this.#bytes.subarray(start, start + length);
  }

  parts(parts: readonly BytePart[], between: (index: number) => Uint8Array): Uint8Array {
    return Buffer.concat([...parts.flatMap((part, i) => [between(i), this.part(part)]), between(parts.length)]);
  }
}

class StreamSource implements PartSource {
  readonly size: number;
  readonly #stream: AsyncIterable<string | Uint8Array>;

  constructor(stream: AsyncIterable<string | Uint8Array>, size: number) {
    this.#stream = stream;
    this.size = size;
  }

  part(part: BytePart): ResponseBody {
    const stream = this.#stream;
    return deriveStream(stream, () => cut(stream, [part]));
  }

  parts(parts: readonly BytePart[], between: (index: number) => Uint8Array): ResponseBody {
    const stream = this.#stream;
    return deriveStream(stream, () => cut(stream, parts, between));
  }
}

/** Cuts ascending parts out of a stream. It is closed after the last one. */
async function* cut(
  stream: AsyncIterable<string | Uint8Array>,
  parts: readonly BytePart[],
  between?: (index: number) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  let index = 0;
  if (between !== undefined) yield between(0);
  for await (const piece of stream) {
    const chunk = toBytes(piece);
    const end = position + chunk.byteLength;
    for (let part = parts[index]; part !== undefined && part.start < end; part = parts[index]) {
      const partEnd = part.start + part.length;
      yield chunk.subarray(Math.max(0, part.start - position), partEnd - position);
      if (partEnd > end) break;
      index++;
      if (between !== undefined) yield between(index);
    }
    if (index === parts.length) return;
    position = end;
  }
}
