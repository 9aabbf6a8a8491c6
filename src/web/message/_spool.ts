import { crypto } from "../../base/node.ts";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callExceptionHandler, InvalidStateError, waitPromise } from "../../asyncio/index.ts";

/** The largest number of bytes that are read from a file at once. */
const blockSize = 65_536;

/** Bytes that a spool keeps: themselves, or where they are in its file. */
type Piece = Uint8Array | { readonly position: number; length: number };

/** One of several things that are kept in the same spool. */
export interface Spooled {
  /** Its size in bytes. */
  readonly size: number;
  /** Adds bytes, which the caller is not to change after that. */
  write(chunk: Uint8Array): Promise<void>;
  /** Reads what was written, from the beginning, as often as one likes. */
  read(): AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Keeps bytes: in memory as long as the budget lasts, then in one temporary file. The file has no name: it is unlinked as
 * soon as it is open, so that nothing is left of it even if the process is killed. To be written by one task at a time.
 */
export class Spool {
  #memory: number;
  #file: FileHandle | undefined;
  #fileSize = 0;
  #isClosed = false;

  /** @param memory The number of bytes that are kept in memory. */
  constructor(memory: number) {
    this.#memory = memory;
  }

  /** Whether there is a file. */
  get hasFile(): boolean {
    return this.#file !== undefined;
  }

  /** Begins another thing in the same spool. */
  begin(): Spooled {
    const pieces: Piece[] = [];
    let size = 0;
    return {
      get size() {
        return size;
      },
      write: async (chunk) => {
        await this.#add(pieces, chunk);
        size += chunk.byteLength;
      },
      read: () => this.#readAll(pieces),
    };
  }

  /** Lets go of everything. Reads and writes that are under way are waited for before the file is closed. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file?.close().catch((error: unknown) => {
      callExceptionHandler({ message: "Cannot close a temporary file", error });
    });
  }

  async #add(pieces: Piece[], chunk: Uint8Array): Promise<void> {
    this.#checkOpen("write to");
    const length = chunk.byteLength;
    if (length <= this.#memory) {
      this.#memory -= length;
      pieces.push(chunk);
      return;
    }
    const position = this.#fileSize;
    await writeAll(await this.#openFile(), chunk, position);
    this.#fileSize += length;
    const last = pieces.at(-1);
    if (last !== undefined && "position" in last && last.position + last.length === position) last.length += length;
    else pieces.push({ position, length });
  }

  async *#readAll(pieces: readonly Piece[]): AsyncGenerator<Uint8Array, void, undefined> {
    for (const piece of pieces) {
      if ("position" in piece) yield* this.#readFile(piece.position, piece.length);
      else yield this.#checkOpen("read") ?? piece;
    }
  }

  async *#readFile(position: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let done = 0; done < length;) {
      this.#checkOpen("read");
      const block = Buffer.allocUnsafe(Math.min(blockSize, length - done));
      const reading = (await this.#openFile()).read(block, 0, block.length, position + done);
      const { bytesRead } = await waitPromise(reading, { name: "a read" });
      if (bytesRead === 0) throw new Error(`Cannot read an uploaded file as its end is missing: got ${done} bytes`);
      done += bytesRead;
      yield block.subarray(0, bytesRead);
    }
  }

  async #openFile(): Promise<FileHandle> {
    if (this.#file !== undefined) return this.#file;
    const opening = openTemporary();
    return (this.#file = await waitPromise(opening, { onLate: (late) => late.close(), name: "a temporary file" }));
  }

  #checkOpen(action: string): undefined {
    if (!this.#isClosed) return undefined;
    throw new InvalidStateError(`Cannot ${action} an uploaded file as the request that brought it is over`);
  }
}

/** Writes all of `bytes` at `position`; to be cancelled between two writes. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const writing = file.write(bytes, done, bytes.byteLength - done, position + done);
    done += (await waitPromise(writing, { name: "a write" })).bytesWritten;
  }
}

async function openTemporary(): Promise<FileHandle> {
  const path = join(tmpdir(), `pottle-upload-${crypto().randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
