import type { RawHeaders } from "../../http/index.ts";
import { type FieldLimits, FieldSection } from "./field-section.ts";
import { type Framing, framingOf } from "./framing.ts";
import type { LineTaker } from "./line-joiner.ts";
import { CR, LF } from "./octets.ts";
import { badRequest } from "./parse-fault.ts";
import { checkLineLength, readRequestLine, type RequestLine } from "./request-line.ts";

/** The head of a request, parsed and checked. */
export interface ParsedHead {
  /** The method as the client wrote it. */
  readonly method: string;
  /** The target as it stood on the request line. */
  readonly target: string;
  readonly httpVersion: "1.0" | "1.1";
  /** The headers as a flat list: names in the client's spelling, values without the blanks around them. */
  readonly rawHeaders: RawHeaders;
  /** Count of the bytes of the body; 0 if there is none. */
  readonly bodyLength: number | "chunked";
  /** Whether the client keeps no connection: it says `Connection: close`, or speaks HTTP/1.0 without `keep-alive`. */
  readonly isLast: boolean;
  /** Whether the client waits for a 100 before it sends the body. Never without a body, and never in HTTP/1.0. */
  readonly awaitsContinue: boolean;
  /** The value of `Upgrade`, if `Connection` names it; several are one list. Never in HTTP/1.0. */
  readonly upgrade: string | undefined;
}

/** The limits of a head. */
export interface HeadLimits extends FieldLimits {
  /** The largest length of the request line in bytes, without its end. */
  readonly requestLine: number;
}

/** The empty lines before a request line that are skipped (RFC 9112 §2.2). */
const mostEmptyLines = 4;

/** Headers as they were sent last, and what they mean. */
interface KnownHeaders {
  readonly text: string;
  readonly httpVersion: "1.0" | "1.1";
  readonly rawHeaders: RawHeaders;
  readonly framing: Framing;
}

/**
 * Reads the heads of the requests of a connection, one after the other.
 *
 * A client sends the same headers with nearly every request. So the text of the last ones is kept, and where the next
 * request line is followed by the same text, they are not read again.
 */
export class HeadReader implements LineTaker {
  /** The head, once it has come. */
  head: ParsedHead | undefined = undefined;
  readonly #limits: HeadLimits;
  #line: RequestLine | undefined = undefined;
  #fields: FieldSection;
  #emptyLines = 0;
  #known: KnownHeaders | undefined = undefined;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
    this.#fields = new FieldSection(limits);
  }

  get isDone(): boolean {
    return this.head !== undefined;
  }

  /** The request line, once it has come. */
  get line(): RequestLine | undefined {
    return this.#line;
  }

  /** Makes ready for the next head. */
  reset(): void {
    this.head = undefined;
    this.#line = undefined;
    this.#emptyLines = 0;
  }

  takeLines(bytes: Buffer, from: number, to: number): number {
    let at = from;
    if (this.#line === undefined) {
      at = this.#skipEmptyLines(bytes, at, to);
      this.#line = readRequestLine(bytes, at, to, this.#limits.requestLine);
      if (this.#line === undefined) return at;
      at = this.#line.end;
      const known = this.#knownAt(bytes, at, to);
      if (known !== undefined) {
        this.#finish(this.#line, known.rawHeaders, known.framing);
        return at + known.text.length;
      }
      this.#fields = new FieldSection(this.#limits);
    }
    return this.#takeFields(this.#line, bytes, at, to);
  }

  checkHalf(length: number, last: number | undefined): void {
    if (this.#line === undefined) checkLineLength(length, last, this.#limits.requestLine);
    else this.#fields.checkHalf(length, last);
  }

  #skipEmptyLines(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF) {
      if (++this.#emptyLines > mostEmptyLines) throw badRequest("there are empty lines in place of a request");
      at += 2;
    }
    return at;
  }

  /** The headers that were sent last, if the same ones stand at `at`. */
  #knownAt(bytes: Buffer, at: number, to: number): KnownHeaders | undefined {
    const known = this.#known;
    if (known === undefined || known.httpVersion !== this.#line?.httpVersion) return undefined;
    const end = at + known.text.length;
    // The last LF is looked at first, so that another text is seldom made a string in vain.
    if (end > to || bytes[end - 1] !== LF || bytes[end - 3] !== LF) return undefined;
    return bytes.toString("latin1", at, end) === known.text ? known : undefined;
  }

  #takeFields(line: RequestLine, bytes: Buffer, from: number, to: number): number {
    const fields = this.#fields;
    const isWhole = fields.rawHeaders.length === 0;
    const at = fields.takeLines(bytes, from, to);
    if (!fields.isDone) return at;
    const { rawHeaders } = fields;
    const framing = framingOf(fields, line.httpVersion);
    if (isWhole) this.#known = { text: fields.text, httpVersion: line.httpVersion, rawHeaders, framing };
    this.#finish(line, rawHeaders, framing);
    return at;
  }

  #finish(line: RequestLine, rawHeaders: RawHeaders, framing: Framing): void {
    const { method, target, httpVersion, authority } = line;
    const { host, bodyLength, isLast, awaitsContinue, upgrade } = framing;
    // The target decides (RFC 9112 §3.2.2), and many programs look at Host alone: the two must be the same.
    if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase())
      throw badRequest("the target and the Host header name different hosts");
    this.head = { method, target, httpVersion, rawHeaders, bodyLength, isLast, awaitsContinue, upgrade };
  }
}
