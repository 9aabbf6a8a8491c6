import { type HeaderList, type MediaType, parseMediaType } from "../../http/index.ts";
import { outOfRange } from "../../base/refusal.ts";
import { CacheControl } from "../negotiation/cache-control.ts";
import { type ContentRange, formatContentRange, parseContentRange } from "../negotiation/content-range.ts";
import { HeaderSet } from "../negotiation/header-set.ts";
import { toDate } from "../negotiation/http-date.ts";

/** The head of a response: its status, its headers, and the headers that have a type of their own. */
export abstract class ResponseHead {
  /** The status. */
  status: number;
  /** The headers. */
  readonly headers: HeaderList;

  constructor(status: number, headers: HeaderList) {
    this.status = status;
    this.headers = headers;
  }

  /** The directives of `Cache-Control`, which can be changed: `response.cacheControl.set({ maxAge: 60_000 })`. */
  get cacheControl(): CacheControl {
    return new CacheControl(this.headers);
  }

  /** The names of the headers that the response depends on, which can be changed: `response.vary.add("Accept")`. */
  get vary(): HeaderSet {
    return new HeaderSet(this.headers, "Vary");
  }

  /** The methods of `Allow`, which can be changed. */
  get allow(): HeaderSet {
    return new HeaderSet(this.headers, "Allow");
  }

  /** The media type of the body; `undefined` if none is said, or it is not a media type. */
  get contentType(): MediaType | undefined {
    return parseMediaType(this.headers.get("Content-Type"));
  }

  /** The part of a body that this is; `undefined` if it is all of it. @throws {RangeError} If it is set to no such part. */
  get contentRange(): ContentRange | undefined {
    return parseContentRange(this.headers.get("Content-Range"));
  }

  set contentRange(range: ContentRange | undefined) {
    this.#set("Content-Range", range === undefined ? undefined : formatContentRange(range));
  }

  /** The entity tag, in quotes, with `W/` before it if it is weak; `undefined` if there is none. */
  get etag(): string | undefined {
    return this.headers.get("ETag");
  }

  /** When the body was changed; `undefined` if that is not said. @throws {RangeError} If it is set to an invalid date. */
  get lastModified(): Date | undefined {
    return toDate(this.headers.get("Last-Modified"));
  }

  set lastModified(date: Date | undefined) {
    this.#setDate("Last-Modified", date);
  }

  /** When the response gets stale; `undefined` if that is not said. @throws {RangeError} If it is set to an invalid date. */
  get expires(): Date | undefined {
    return toDate(this.headers.get("Expires"));
  }

  set expires(date: Date | undefined) {
    this.#setDate("Expires", date);
  }

  /**
   * When the response was made; `undefined` if that is left to the server.
   *
   * @throws {RangeError} If it is set to an invalid date.
   */
  get date(): Date | undefined {
    return toDate(this.headers.get("Date"));
  }

  set date(date: Date | undefined) {
    this.#setDate("Date", date);
  }

  #setDate(name: string, date: Date | undefined): void {
    if (date !== undefined && !(date instanceof Date && !Number.isNaN(date.getTime()))) {
      throw outOfRange(`set '${name}'`, "it must be a date", date);
    }
    this.#set(name, date?.toUTCString());
  }

  #set(name: string, value: string | undefined): void {
    this.headers.delete(name);
    if (value !== undefined) this.headers.append(name, value);
  }
}
