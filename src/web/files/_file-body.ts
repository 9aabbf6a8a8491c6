import { type FileHandle, open } from "node:fs/promises";
import { waitPromise } from "../../asyncio/index.ts";
import type { FileRange } from "./_conditions.ts";

/** The largest number of bytes that are read at once, and that are sent in one piece. */
const blockSize = 65_536;

/**
 * The bytes of a part of a file: at once if they are few, else a stream. The file is opened when the stream begins, and
 * closed when it ends, even if it is cancelled.
 */
export async function fileBody(path: string, range: FileRange): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  if (range.length > blockSize) return fileStream(path, range);
  const [block = new Uint8Array()] = await Array.fromAsync(fileStream(path, range));
  return block;
}

/** A stream of a part of a file. It is shorter if the file has become so. */
async function* fileStream(path: string, { start, length }: FileRange): AsyncGenerator<Uint8Array> {
  if (length === 0) return;
  const file = await waitPromise(open(path), { onLate: (late) => late.close(), name: path });
  try {
    for (let done = 0; done < length;) {
      const block = await readBlock(file, start + done, Math.min(blockSize, length - done));
      if (block.byteLength === 0) return;
      done += block.byteLength;
      yield block;
    }
  } finally {
    await file.close();
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
