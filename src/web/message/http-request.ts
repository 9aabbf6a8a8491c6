import { currentScope, type Scope } from "../../asyncio/index.ts";
import {
  type CookieList,
  type Exchange,
  findHeader,
  HeaderList,
  type MediaType,
  parseCookies,
  parseMediaType,
  type Peer,
} from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { type Form, type FormOptions, readForm, type ReadForm } from "./form.ts";
import { ContentTooLarge } from "../errors/http-error.ts";
import { BadRequest } from "../errors/statuses.ts";

/** A request, as a view gets it. Everything in it is made when it is first asked for. */
export class HttpRequest {
  /** The decoded path. */
  readonly path: string;
  /** The query as the client sent it, without its `?`. */
  readonly query: string;
  readonly #exchange: Exchange;
  /** The scope of the whole request, whichever part of it asks for something. */
  readonly #scope: Scope = currentScope();
  #limit: number;
  #args: URLSearchParams | undefined;
  #headers: HeaderList | undefined;
  #cookies: CookieList | undefined;
  #form: Promise<Form> | undefined;
  #received = 0;
  #chunks: Uint8Array[] = [];
  #bytes: Promise<Uint8Array> | undefined;

  /** @internal Made by the application. */
  constructor(exchange: Exchange, path: string, query: string, limit: number) {
    this.path = path;
    this.query = query;
    this.#exchange = exchange;
    this.#limit = limit;
  }

  /** The method, in the client's spelling. */
  get method(): string {
    return this.#exchange.method;
  }

  /** The request target as the client sent it: path and query, undecoded. */
  get target(): string {
    return this.#exchange.target;
  }

  /** `http` or `https`. */
  get scheme(): "http" | "https" {
    return this.#exchange.scheme;
  }

  /** @internal Whether its response has begun. */
  get responded(): boolean {
    return this.#exchange.responded;
  }

  /** The HTTP version: `1.0` or `1.1`. */
  get httpVersion(): string {
    return this.#exchange.httpVersion;
  }

  /** The other end of the connection; `undefined` if it has no address. */
  get peer(): Peer | undefined {
    return this.#exchange.peer;
  }

  /** The arguments of the query, decoded. A name may have several: `request.args.getAll("tag")`. */
  get args(): URLSearchParams {
    return (this.#args ??= new URLSearchParams(this.query));
  }

  /** The headers. Changing them changes nothing but this list. */
  get headers(): HeaderList {
    return (this.#headers ??= new HeaderList(this.#exchange.rawHeaders));
  }

  /** The cookies that the client sent. To have it keep others, set them in the response. */
  get cookies(): CookieList {
    return (this.#cookies ??= parseCookies(this.headers.getAll("cookie").join("; ")));
  }

  /** The media type of the body, as the client says; `undefined` if it does not, or it is not a media type. */
  get contentType(): MediaType | undefined {
    return parseMediaType(this.headers.get("content-type"));
  }

  /**
   * The largest size of the body, in bytes. It is the application's, and a view may give this request another one before it
   * reads the body.
   *
   * @throws {RangeError} If it is set to a value that is not a number >= 0.
   * @throws {TypeError} If it is set to what is not a number.
   * @example
   * const app = new Pottle(import.meta, { maxContentLength: 10 });
   * app.post("/upload", async (_, request) => {
   *   request.maxContentLength = 100;
   *   return await request.text();
   * });
   * console.log((await app.testClient().post("/upload", { body: "more than ten" })).text()); // more than ten
   */
  get maxContentLength(): number {
    return this.#limit;
  }

  set maxContentLength(bytes: number) {
    this.#limit = option("limit the body", "maxContentLength", bytes).number({ from: 0 });
  }

  /**
   * The body, piece by piece as it arrives. It is read once: pieces that were read are not in `bytes()` any more.
   *
   * @throws {ContentTooLarge} If it is larger than the application's `maxContentLength`.
   */
  get body(): AsyncIterable<Uint8Array> {
    return this.#pieces();
  }

  /**
   * The whole body. It may be asked for again.
   *
   * @throws {ContentTooLarge} If it is larger than the application's `maxContentLength`.
   * @throws {CancelledError} If the task is cancelled meanwhile, as it is if the client leaves.
   */
  async bytes(): Promise<Uint8Array> {
    try {
      return await (this.#bytes ??= this.#collect());
    } catch (error) {
      // The bytes that have arrived are kept, and may be asked for again.
      this.#bytes = undefined;
      throw error;
    }
  }

  /**
   * The whole body as UTF-8 text. Bytes that are not UTF-8 become U+FFFD.
   *
   * @throws The errors of {@link bytes}.
   */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /**
   * The whole body, parsed as JSON, whatever its `Content-Type` says. Its type is the caller's word: nothing checks it.
   *
   * @throws {BadRequest} If it is not JSON, or not UTF-8.
   * @throws The errors of {@link bytes}.
   */
  async json<T = unknown>(): Promise<T> {
    const bytes = await this.bytes();
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as T;
    } catch (cause) {
      throw new BadRequest(`The body is not JSON: ${(cause as Error).message}`, { cause });
    }
  }

  /**
   * The form in the body, be it `application/x-www-form-urlencoded` or `multipart/form-data`. It is empty if the request
   * has no `Content-Type`. It may be asked for again, and has been read by the options of the first time. What is in its
   * files is gone when the request is over, or at once if its client leaves.
   *
   * @throws {UnsupportedMediaType} If the body is something else.
   * @throws {BadRequest} If it is malformed, or breaks off.
   * @throws {ContentTooLarge} If it is larger than the application's `maxContentLength`, or exceeds a limit.
   * @throws {RequestTimeout} If it takes too long to come.
   * @throws {CancelledError} If the task is cancelled meanwhile, as it is if the client leaves.
   * @example
   * const app = new Pottle(import.meta);
   * app.post("/photos", async (_, request) => {
   *   const { fields, files } = await request.form();
   *   const photo = files.get("photo") ?? abort(400, "There is no photo.");
   *   return { title: fields.get("title"), name: photo.filename, size: photo.size };
   * });
   * const form = new FormData();
   * form.append("title", "The sea");
   * form.append("photo", new File(["blue"], "sea.jpg"));
   * const response = await app.testClient().post("/photos", { form });
   * console.log(response.text()); // {"title":"The sea","name":"sea.jpg","size":4}
   */
  form(options: FormOptions = {}): Promise<Form> {
    return (this.#form ??= this.#readForm(options));
  }

  async #readForm(options: FormOptions): Promise<Form> {
    const contentType = this.headers.get("content-type");
    const form: ReadForm = await readForm({ contentType, body: () => this.#wholeOrPieces() }, options);
    this.#scope.owner.onClose(() => form.close());
    return form;
  }

  /** The body, even if it was read whole before, or in part. */
  async *#wholeOrPieces(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#bytes !== undefined) {
      yield await this.#bytes;
    } else {
      yield* this.#chunks;
      yield* this.#pieces();
    }
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let piece = await this.#read(); piece !== undefined; piece = await this.#read()) yield piece;
  }

  async #collect(): Promise<Uint8Array> {
    for (let piece = await this.#read(); piece !== undefined; piece = await this.#read()) this.#chunks.push(piece);
    return this.#chunks.length === 1 ? (this.#chunks[0] as Uint8Array) : Buffer.concat(this.#chunks);
  }

  async #read(): Promise<Uint8Array | undefined> {
    // A body that is announced as too large is refused before it is read.
    if (this.#received === 0) this.#refuseBeyond(Number(findHeader(this.#exchange.rawHeaders, "content-length") ?? 0));
    const piece = await this.#exchange.read();
    this.#received += piece?.byteLength ?? 0;
    this.#refuseBeyond(this.#received);
    return piece;
  }

  #refuseBeyond(length: number): void {
    if (length > this.#limit) throw new ContentTooLarge(this.#limit);
  }
}
