import { timeout, TimeoutError } from "../../asyncio/index.ts";
import {
  type FilePart,
  type MediaType,
  type MultipartEvent,
  MultipartLimitError,
  MultipartSyntaxError,
  parseMediaType,
  readMultipart,
} from "../../http/index.ts";
import { noop } from "../../base/noop.ts";
import { option } from "../../base/options.ts";
import { RequestValues } from "./request-values.ts";
import { Spool, type Spooled } from "./_spool.ts";
import { ContentTooLarge } from "../errors/http-error.ts";
import { RequestTimeout, UnsupportedMediaType, BadRequest } from "../errors/statuses.ts";
import { UploadedFile } from "./uploaded-file.ts";

/** Options of reading a form. */
export interface FormOptions {
  /**
   * Size limit of the value of a field, in bytes; of a form that is not multipart, of all of it. A larger one is answered
   * with 413.
   * @default `maxFormMemorySize` of the request
   */
  readonly maxFieldSize?: number;
  /**
   * The largest number of fields and files of a form. With more it is answered with 413.
   * @default `maxFormParts` of the request
   */
  readonly maxParts?: number;
  /**
   * The number of bytes of its files that are kept in memory, all together. The rest is in a temporary file.
   * @default 500_000
   */
  readonly memory?: number;
  /**
   * Time limit, in milliseconds, within which the form must have arrived. It is answered with 408 otherwise.
   * @default `bodyTimeout` of the application
   */
  readonly timeout?: number;
}

/** The content of a form. */
export interface Form {
  /** The fields that are not files: `fields.get("title")`, `fields.getAll("tag")`. */
  readonly fields: RequestValues;
  /** The files. */
  readonly files: UploadedFiles;
}

/** The files of a form, in their order. */
export class UploadedFiles implements Iterable<UploadedFile> {
  readonly #files: readonly UploadedFile[];

  /** @internal Made by `request.form()`. */
  constructor(files: readonly UploadedFile[]) {
    this.#files = files;
  }

  /** The number of files. */
  get size(): number {
    return this.#files.length;
  }

  /** The first file of the field `name`; `undefined` if there is none. */
  get(name: string): UploadedFile | undefined {
    return this.#files.find((file) => file.name === name);
  }

  /**
   * The first file of the field `name`.
   *
   * @throws {BadRequest} If there is none.
   */
  require(name: string): UploadedFile {
    const file = this.get(name);
    if (file !== undefined) return file;
    throw new BadRequest(`This request must have a file for '${name}'.`);
  }

  /** All files of the field `name`. */
  getAll(name: string): UploadedFile[] {
    return this.#files.filter((file) => file.name === name);
  }

  /** Walks over all files. */
  [Symbol.iterator](): ArrayIterator<UploadedFile> {
    return this.#files.values();
  }
}

/** A form, and the place of its files. */
export interface ReadForm extends Form {
  /** Lets go of the files. */
  close(): void;
}

/** The source of a form. */
export interface FormSource {
  /** The value of the `Content-Type` header. */
  readonly contentType: string | undefined;
  /** The body, piece by piece. */
  readonly body: () => AsyncIterable<Uint8Array>;
}

const noFiles: readonly UploadedFile[] = [];

/**
 * Reads a form. If it cannot be read, nothing is left of it.
 *
 * @throws {UnsupportedMediaType} If the body is something else.
 * @throws {BadRequest} If it is malformed, or breaks off.
 * @throws {ContentTooLarge} If it exceeds a limit.
 * @throws {RequestTimeout} If it takes too long to come.
 * @throws {RangeError} If a limit is not a number >= 0.
 * @throws {TypeError} If a limit is not a number.
 */
export async function readForm(source: FormSource, options: FormOptions): Promise<ReadForm> {
  const settings = checkOptions(options);
  try {
    return await timeout(settings.timeout, () => readAny(source, settings));
  } catch (error) {
    throw toHttpError(error);
  }
}

async function readAny(source: FormSource, settings: Required<FormOptions>): Promise<ReadForm> {
  const { contentType = "" } = source;
  const type = parseMediaType(contentType);
  if (type?.essence === "multipart/form-data") return readFiles(contentType, source.body(), settings);
  if (type?.essence === "application/x-www-form-urlencoded") return readFields(source.body(), settings);
  if (contentType === "") return { fields: new RequestValues(), files: new UploadedFiles(noFiles), close: noop };
  throw new UnsupportedMediaType(describeOther(type, contentType));
}

async function readFields(
  body: AsyncIterable<Uint8Array>,
  { maxFieldSize, maxParts }: Required<FormOptions>,
): Promise<ReadForm> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxFieldSize) throw new ContentTooLarge(maxFieldSize);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (countFields(text) > maxParts) {
    const message = `Cannot read the form as it has too many fields: the limit is ${maxParts}.`;
    throw new ContentTooLarge(maxParts, message);
  }
  return { fields: new RequestValues(text), files: new UploadedFiles(noFiles), close: noop };
}

/** Counts without taking them apart, which would block the process for half a second if they are a flood. */
function countFields(text: string): number {
  let count = text === "" ? 0 : 1;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) count++;
  return count;
}

async function readFiles(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  settings: Required<FormOptions>,
): Promise<ReadForm> {
  const builder = new FormBuilder(settings.memory);
  try {
    for await (const event of readMultipart(contentType, body, settings)) await builder.add(event);
    return builder.build();
  } catch (error) {
    builder.close();
    throw error;
  }
}

class FormBuilder {
  readonly fields: RequestValues = new RequestValues();
  readonly #spool: Spool;
  readonly #contents = new Map<FilePart, Spooled>();

  constructor(memory: number) {
    this.#spool = new Spool(memory);
  }

  async add(event: MultipartEvent): Promise<void> {
    if (event.kind === "field") this.fields.append(event.name, event.value);
    else if (event.kind === "file") this.#contents.set(event.part, this.#spool.begin());
    else if (event.kind === "data") await this.#contents.get(event.part)?.write(event.chunk);
  }

  build(): ReadForm {
    // Browsers send a file without name and bytes for an input in which none was chosen.
    const chosen = Array.from(this.#contents).filter(([part, { size }]) => part.filename !== "" || size > 0);
    const files = new UploadedFiles(chosen.map(([part, content]) => new UploadedFile(part, content)));
    return { fields: this.fields, files, close: () => this.close() };
  }

  close(): void {
    this.#spool.close();
  }
}

function checkOptions(options: FormOptions): Required<FormOptions> {
  const settings = { maxFieldSize: 500_000, maxParts: 1_000, memory: 500_000, timeout: 60_000, ...options };
  for (const [name, value] of Object.entries(settings)) {
    option("read the form", name, value).number({ from: 0 });
  }
  return settings;
}

function toHttpError(error: unknown): unknown {
  if (error instanceof MultipartSyntaxError) return new BadRequest(`${error.message}.`, { cause: error });
  if (error instanceof MultipartLimitError)
    return new ContentTooLarge(error.limit, `${error.message}.`, { cause: error });
  if (error instanceof TimeoutError) return new RequestTimeout(undefined, { cause: error });
  return error;
}

function describeOther(type: MediaType | undefined, contentType: string): string {
  return `This address takes forms, not ${type?.essence ?? JSON.stringify(contentType)}.`;
}
