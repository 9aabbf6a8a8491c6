import { crypto } from "../../base/node.ts";
import { open, rename, rm } from "node:fs/promises";
import { waitPromise } from "../../asyncio/index.ts";
import type { FilePart } from "../../http/index.ts";
import { type Spooled, writeAll } from "./_spool.ts";
import { safeFilename } from "./safe-filename.ts";

/**
 * A file that came with a form. It is there until the request is over: save a file that must be kept. Larger ones are in a
 * temporary file meanwhile.
 */
export class UploadedFile {
  readonly #part: FilePart;
  readonly #content: Spooled;

  /** @internal Made by `request.form()`. */
  constructor(part: FilePart, content: Spooled) {
    this.#part = part;
    this.#content = content;
  }

  /** The name of the form's field. */
  get name(): string {
    return this.#part.name;
  }

  /** The file's name, made safe to be used as one: see {@link safeFilename}. */
  get filename(): string {
    return safeFilename(this.clientFilename);
  }

  /** The file's name as the client sent it, which may be any text; empty if it sent none. */
  get clientFilename(): string {
    return this.#part.filename;
  }

  /** The media type that the client says it has. The bytes may be of another one. */
  get contentType(): string {
    return this.#part.contentType;
  }

  /** Its size in bytes. */
  get size(): number {
    return this.#content.size;
  }

  /** Its bytes, piece by piece. It may be read several times. */
  get stream(): AsyncIterable<Uint8Array> {
    return this.#content.read();
  }

  /**
   * All of its bytes.
   *
   * @throws {InvalidStateError} If the request is over.
   */
  async bytes(): Promise<Uint8Array> {
    return Buffer.concat(await Array.fromAsync(this.#content.read()));
  }

  /** All of it as UTF-8 text. Bytes that are not UTF-8 become U+FFFD. @throws {InvalidStateError} If the request is over. */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /**
   * Saves it. A file of that name is replaced, and only when the new one is complete: a reader sees the one or the
   * other, and a cancelled save changes nothing.
   *
   * @param path Where to. Do not make it from what the client sent, unless by `filename`.
   * @throws {InvalidStateError} If the request is over.
   * @throws {CancelledError} If the task is cancelled meanwhile.
   * @throws The errors of the file system.
   */
  async save(path: string): Promise<void> {
    const unfinished = `${path}.${crypto().randomUUID()}.part`;
    try {
      await this.#copyTo(unfinished);
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  async #copyTo(path: string): Promise<void> {
    const opening = open(path, "wx");
    const file = await waitPromise(opening, { onLate: (late) => late.close().then(() => rm(path)), name: path });
    try {
      let position = 0;
      for await (const chunk of this.#content.read()) {
        await writeAll(file, chunk, position);
        position += chunk.byteLength;
      }
    } finally {
      await file.close();
    }
  }
}
