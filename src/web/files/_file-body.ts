import { type FileHandle, open } from "node:fs/promises";
import { waitPromise } from "../../asyncio/index.ts";
import type { ResponseBody } from "../../http/index.ts";
import type { PartSource } from "../message/_part-source.ts";
import type { BytePart } from "../negotiation/byte-ranges.ts";

/** The largest number of bytes that are read at once, and that are sent in one piece. */
const blockSize = 65_536;

/** The parts of a file. The file is opened when a stream of them begins, and closed when it ends, even if it is cancelled. */
export class FileSource implements PartSource {
  readonly size: number;
  readonly #path: string;

  constructor(path: string, size: number) {
    this.#path = path;
    this.size = size;
  }

  part(part: BytePart): FileStream {
    return new FileStream(this.#path, [part]);
  }

  parts(parts: readonly BytePart[], between: (index: number) => Uint8Array): ResponseBody {
    return new FileStream(this.#path, parts, between);
  }
}

/** A stream of parts of a file. It is shorter if the file has become so. */
export class FileStream implements AsyncIterable<Uint8Array> {
  readonly #path: string;
  readonly #parts: readonly BytePart[];
  readonly #between: ((index: number) => Uint8Array) | undefined;

  constructor(path: string, parts: readonly BytePart[], between?: (index: number) => Uint8Array) {
    this.#path = path;
    this.#parts = parts;
    this.#between = between;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    return readParts(this.#path, this.#parts, this.#between);
  }

  /** All of it at once if it is little, else itself. */
  async resolve(): Promise<ResponseBody> {
    const size = this.#parts.reduce((sum, { length }) => sum + length, 0);
    return size > blockSize ? this : Buffer.concat(await Array.fromAsync(this));
  }
}

async function* readParts(
  path: string,
  parts: readonly BytePart[],
  between: ((index: number) => Uint8Array) | undefined,
): AsyncGenerator<Uint8Array> {
  if (parts.every(({ length }) => length === 0)) return;
  const file = await waitPromise(open(path), { onLate: (late) => late.close(), name: path });
  try {
    for (const [index, part] of parts.entries()) {
      if (between !== undefined) yield between(index);
      yield* readPart(file, part);
    }
    if (between !== undefined) yield between(parts.length);
  } finally {
    await file.close();
  }
}

async function* readPart(file: FileHandle, { start, length }: BytePart): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length;) {
    const block = await readBlock(file, start + done, Math.min(blockSize, length - done));
    if (block.byteLength === 0) return;
    done += block.byteLength;
    yield block;
  }
}

/** Reads a block until it is full: only at the end of the file is there less. */
async function readBlock(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const block = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const reading = file.read(block, filled, length - filled, position + filled);
    const { bytesRead } = await waitPromise(reading, { name: "a read" });
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return block.subarray(0, filled);
}
