// Around busboy, which parses; here are the limits, and the way out: whoever stops reading, for whatever reason, leaves
// nothing behind.
//
//     body ──chunk──▶ busboy ──▶ events of that chunk ──▶ reader
//
// A chunk is asked for when the events of the one before were taken, so that never more than one is in memory.

import type { Busboy, BusboyConfig, FileInfo } from "busboy";
import type { Readable } from "node:stream";
import { park, type Park, waitPromise } from "../asyncio/index.ts";
import { cannot } from "../base/refusal.ts";
import { parseMediaType } from "./media-type.ts";

/** A file in a form, as its head describes it. Nothing of it can be believed. */
export interface FilePart {
  /** The name of the field. */
  readonly name: string;
  /** The name of the file, as the client sent it; empty if it sent none. */
  readonly filename: string;
  /** The media type that the client says it has, in lower case. */
  readonly contentType: string;
}

/** What comes in a form, one after another. The bytes of two files are never mixed up, but may alternate. */
export type MultipartEvent =
  | { readonly kind: "field"; readonly name: string; readonly value: string }
  | { readonly kind: "file"; readonly part: FilePart }
  | { readonly kind: "data"; readonly part: FilePart; readonly chunk: Uint8Array }
  | { readonly kind: "end"; readonly part: FilePart };

/** How much a form may have. */
export interface MultipartLimits {
  /** How many bytes the value of a field may have. */
  readonly maxFieldSize: number;
  /** How many fields and files there may be. */
  readonly maxParts: number;
}

/** The body is no form that could be read. */
export class MultipartSyntaxError extends Error {
  override readonly name = "MultipartSyntaxError";
}

/** The form has more than it may have. */
export class MultipartLimitError extends Error {
  override readonly name = "MultipartLimitError";
  /** How many bytes or parts it may have. */
  readonly limit: number;

  constructor(what: string, limit: number) {
    super(`Cannot read the form as ${what}: the limit is ${limit}`);
    this.limit = limit;
  }
}

/**
 * Reads a `multipart/form-data` body. Field values are decoded by the charset of their part, UTF-8 if it names none.
 *
 * @param contentType The value of the `Content-Type` header, which has the boundary.
 * @param body The body, piece by piece. It is closed if reading ends early.
 * @throws {MultipartSyntaxError} If it is malformed or ends early.
 * @throws {MultipartLimitError} If it exceeds a limit; what follows is not read.
 * @throws {CancelledError} If the task is cancelled while it waits.
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export async function* readMultipart(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  limits: MultipartLimits,
): AsyncGenerator<MultipartEvent, void, undefined> {
  // Loaded when the first form comes.
  const { default: busboy } = await waitPromise(import("busboy"));
  using parser = new MultipartParser(create(busboy, contentType, limits), limits);
  for await (const chunk of body) {
    await parser.write(chunk);
    yield* parser.take();
  }
  await parser.end();
  yield* parser.take();
}

class MultipartParser implements Disposable {
  readonly #busboy: Busboy;
  readonly #limits: MultipartLimits;
  #events: MultipartEvent[] = [];
  #error: Error | undefined;
  #wait: Park<void> | undefined;

  constructor(busboy: Busboy, limits: MultipartLimits) {
    this.#limits = limits;
    this.#busboy = busboy;
    this.#busboy.on("field", (name, value, info) => this.#onField(name, value, info.valueTruncated));
    this.#busboy.on("file", (name, stream, info) => this.#onFile(name, stream, info));
    this.#busboy.on("partsLimit", () => this.#fail(new MultipartLimitError("it has too many parts", limits.maxParts)));
    this.#busboy.on("error", (error) => this.#fail(syntaxError(error)));
  }

  /** Parses a chunk. */
  async write(chunk: Uint8Array): Promise<void> {
    await this.#until((done) => this.#busboy.write(chunk, done));
  }

  /** Says that there is no more. */
  async end(): Promise<void> {
    // It closes once the last file has been read to its end.
    await this.#until((done) => this.#busboy.once("close", done).end());
  }

  /** What came out since it was last asked. */
  take(): MultipartEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  [Symbol.dispose](): void {
    this.#busboy.destroy();
  }

  async #until(start: (done: () => void) => void): Promise<void> {
    await park<void>({ kind: "form parser" }, (wait) => {
      this.#wait = wait;
      start(() => wait.wake());
    });
    if (this.#error !== undefined) throw this.#error;
  }

  #onField(name: string | undefined, value: string, isTruncated: boolean): void {
    if (name === undefined) this.#fail(new MultipartSyntaxError("Cannot read the form as a field has no name"));
    else if (isTruncated) this.#fail(new MultipartLimitError(`its field is too large`, this.#limits.maxFieldSize));
    else this.#events.push({ kind: "field", name, value });
  }

  #onFile(name: string | undefined, stream: Readable, info: FileInfo): void {
    const part: FilePart = { name: name ?? "", filename: info.filename ?? "", contentType: info.mimeType };
    // What breaks the file off is an error of the parser as well.
    stream.on("error", () => undefined);
    if (name === undefined) return this.#fail(new MultipartSyntaxError("Cannot read the form as a file has no name"));
    this.#events.push({ kind: "file", part });
    stream.on("data", (chunk: Uint8Array) => this.#events.push({ kind: "data", part, chunk }));
    stream.on("end", () => this.#events.push({ kind: "end", part }));
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wait?.wake();
  }
}

function create(
  busboy: (config: BusboyConfig) => Busboy,
  contentType: string,
  { maxFieldSize, maxParts }: MultipartLimits,
): Busboy {
  if (parseMediaType(contentType)?.essence !== "multipart/form-data") {
    throw new MultipartSyntaxError(cannot("read the form", "its type must be multipart/form-data", contentType));
  }
  try {
    return busboy({
      headers: { "content-type": contentType },
      defParamCharset: "utf8",
      preservePath: true,
      // Its limits are what it stops at. One more tells what is over from what is just not.
      limits: { fieldSize: maxFieldSize + 1, parts: maxParts + 1 },
    });
  } catch (cause) {
    throw syntaxError(cause);
  }
}

function syntaxError(cause: unknown): MultipartSyntaxError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MultipartSyntaxError(`Cannot read the form as it is malformed: ${why}`, { cause });
}
