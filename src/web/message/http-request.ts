import { currentScope, type Scope } from "../../asyncio/index.ts";
import type { Exchange } from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { BadRequest, UnsupportedMediaType } from "../errors/statuses.ts";
import { RequestBody } from "./_request-body.ts";
import { type Form, type FormOptions, readForm, type ReadForm } from "./form.ts";
import { deepestJSON, isTooDeep } from "./json-depth.ts";
import { NegotiatedRequest } from "./negotiated-request.ts";
import type { RoutedView } from "./request-head.ts";
import type { RequestSettings } from "./request-settings.ts";
import { RequestValues } from "./request-values.ts";

/** Options of reading a body as JSON. */
export interface JSONOptions {
  /**
   * Whether the body is parsed whatever its `Content-Type` says.
   * @default false
   */
  readonly force?: boolean;
  /**
   * Whether a body that is not JSON gives `undefined` in place of an error.
   * @default false
   */
  readonly silent?: boolean;
}

/** A request, as a view gets it. Everything in it is made when it is first asked for. */
export class HttpRequest extends NegotiatedRequest {
  /** The scope of the whole request, whichever part of it asks for something. */
  readonly #scope: Scope = currentScope();
  #settings: RequestSettings;
  #form: Promise<Form> | undefined;
  #content: RequestBody | undefined;

  /** @internal Made by the application. */
  constructor(
    exchange: Exchange,
    path: string,
    query: string,
    settings: RequestSettings,
    routed?: RoutedView,
    viewArgs?: Readonly<Record<string, unknown>>,
  ) {
    super(exchange, path, query, routed, viewArgs);
    this.#settings = settings;
  }

  /**
   * The largest size of the body, in bytes. It is the route's or the application's, and a view may give this request another one before it
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
    return this.#settings.maxContentLength;
  }

  set maxContentLength(bytes: number) {
    this.#setLimit("maxContentLength", bytes);
  }

  /**
   * Size limit of the value of a field of a form, in bytes; it is set as {@link maxContentLength} is.
   *
   * @throws {RangeError} If it is set to a value that is not a number >= 0.
   * @throws {TypeError} If it is set to what is not a number.
   */
  get maxFormMemorySize(): number {
    return this.#settings.maxFormMemorySize;
  }

  set maxFormMemorySize(bytes: number) {
    this.#setLimit("maxFormMemorySize", bytes);
  }

  /**
   * The largest number of fields and files of a form; it is set as {@link maxContentLength} is.
   *
   * @throws {RangeError} If it is set to a value that is not a number >= 0.
   * @throws {TypeError} If it is set to what is not a number.
   */
  get maxFormParts(): number {
    return this.#settings.maxFormParts;
  }

  set maxFormParts(count: number) {
    this.#setLimit("maxFormParts", count);
  }

  /**
   * The body, piece by piece as it arrives. It is read once: pieces that were read are not in `bytes()` any more.
   *
   * @throws {ContentTooLarge} If it is larger than the application's `maxContentLength`.
   */
  get body(): AsyncIterable<Uint8Array> {
    return this.#body.pieces();
  }

  /**
   * The whole body. It may be asked for again.
   *
   * @throws {ContentTooLarge} If it is larger than `maxContentLength`.
   * @throws {RequestTimeout} If it takes longer to come than `bodyTimeout` of the application.
   * @throws {CancelledError} If the task is cancelled meanwhile, as it is if the client leaves.
   */
  bytes(): Promise<Uint8Array> {
    return this.#body.bytes();
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
   * The whole body, parsed as JSON by `app.json`. Its type is the caller's word: nothing checks it.
   *
   * @throws {UnsupportedMediaType} If its `Content-Type` is not `application/json` or another type of JSON.
   * @throws {BadRequest} If it is not JSON, or not UTF-8.
   * @throws The errors of {@link bytes}.
   * @example
   * const app = new Pottle(import.meta);
   * app.post("/", async (_, request) => ({ got: (await request.json({ force: true, silent: true })) ?? "nothing" }));
   * console.log((await app.testClient().post("/", { body: "{" })).text()); // {"got":"nothing"}
   */
  async json<T = unknown>(options?: JSONOptions & { readonly silent?: false }): Promise<T>;
  async json<T = unknown>(options: JSONOptions): Promise<T | undefined>;
  async json<T = unknown>({ force = false, silent = false }: JSONOptions = {}): Promise<T | undefined> {
    if (!force && !this.isJSON) {
      if (silent) return undefined;
      throw new UnsupportedMediaType("The body of this request must be JSON, with a 'Content-Type' that says so.");
    }
    const bytes = await this.bytes();
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      if (isTooDeep(text)) throw new RangeError(`it is nested more than ${deepestJSON} deep`);
      return this.#settings.app.json.loads(text) as T;
    } catch (cause) {
      if (silent) return undefined;
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

  /**
   * The arguments of the query, and behind them the fields of the form; of a GET or HEAD request those of the query alone.
   *
   * @throws The errors of {@link form}, except that a body that is not a form counts as none.
   */
  async values(options: FormOptions = {}): Promise<RequestValues> {
    const isForm = /^(?:multipart\/form-data|application\/x-www-form-urlencoded)$/.test(this.mimetype);
    if (!isForm || this.method === "GET" || this.method === "HEAD") return this.args;
    const { fields } = await this.form(options);
    return new RequestValues([...this.args, ...fields]);
  }

  get #body(): RequestBody {
    return (this.#content ??= new RequestBody(this.exchange, () => this.#settings));
  }

  #setLimit(name: "maxContentLength" | "maxFormMemorySize" | "maxFormParts", value: number): void {
    this.#settings = { ...this.#settings, [name]: option("limit the body", name, value).number({ from: 0 }) };
  }

  async #readForm(options: FormOptions): Promise<Form> {
    const { maxFormMemorySize, maxFormParts, bodyTimeout } = this.#settings;
    const limits = { maxFieldSize: maxFormMemorySize, maxParts: maxFormParts, timeout: bodyTimeout };
    const contentType = this.headers.get("content-type");
    const source = { contentType, body: () => this.#body.wholeOrPieces() };
    const form: ReadForm = await readForm(source, { ...limits, ...options });
    this.#scope.owner.onClose(() => form.close());
    return form;
  }
}
