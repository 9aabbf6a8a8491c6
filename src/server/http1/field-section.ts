import { isToken, type RawHeaders } from "../../http/index.ts";
import type { LineTaker } from "./line-joiner.ts";
import { COLON, CR, HT, LF, SP, tokenBytes, valueBytes } from "./octets.ts";
import { badRequest, ParseFault } from "./parse-fault.ts";

/** How large a section of headers may be. */
export interface FieldLimits {
  /** The largest size of all lines in bytes, each with its end. */
  readonly headSize: number;
  /** The largest count of lines. */
  readonly headerCount: number;
}

/**
 * The headers of a request, or its trailers, as they are read: line by line, from one buffer or several.
 *
 * The lines of one buffer are measured first and then cut out of one string. That is several times as fast as a string
 * from the buffer for each name and value. What decides on framing is noted on the way, so that nothing has to search the
 * list for it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-5
 */
export class FieldSection implements LineTaker {
  readonly rawHeaders: RawHeaders;
  /** Whether the empty line has come. */
  isDone = false;
  /** The lines that were read last, with the empty line if it came. */
  text = "";
  /** Count of the `Host` headers, and the first of them. */
  hosts = 0;
  host = "";
  /** Count of the `Content-Length` headers, and the first of them. */
  lengths = 0;
  length = "";
  /** Each of these is a list: the values of all headers of that name, with commas between them. */
  codings: string | undefined = undefined;
  connection: string | undefined = undefined;
  expect: string | undefined = undefined;
  upgrade: string | undefined = undefined;
  readonly #limits: FieldLimits;
  readonly #list: string[] = [];
  #size = 0;

  constructor(limits: FieldLimits) {
    this.#limits = limits;
    this.rawHeaders = this.#list;
  }

  /** Whether a header is there that decides how the request is framed, routed or answered. */
  get hasControls(): boolean {
    const { codings, connection, expect, upgrade } = this;
    return this.hosts + this.lengths > 0 || (codings ?? connection ?? expect ?? upgrade) !== undefined;
  }

  /**
   * Reads the lines that are complete in `bytes` between `from` and `to`, and returns the position behind them.
   *
   * @throws {ParseFault} If a line is malformed, or the lines are too many or too large.
   */
  takeLines(bytes: Buffer, from: number, to: number): number {
    const { headSize, headerCount } = this.#limits;
    const lastMark = 4 * headerCount - 2 * this.#list.length;
    const sizeLeft = headSize - this.#size;
    // A line has at least four bytes.
    const marks = marksFor(Math.min(lastMark, to - from));
    let mark = 0;
    let at = from;
    for (;;) {
      let colon = at;
      while (colon < to && tokenBytes[bytes[colon]!] === 1) colon++;
      if (colon === at || colon >= to || bytes[colon] !== COLON) break;
      let start = colon + 1;
      while (start < to && (bytes[start] === SP || bytes[start] === HT)) start++;
      let end = start;
      while (end < to && valueBytes[bytes[end]!] === 1) end++;
      const next = end + 2;
      if (next > to || bytes[end] !== CR || bytes[end + 1] !== LF) break;
      if (next - from > sizeLeft || mark >= lastMark) break;
      while (end > start && (bytes[end - 1] === SP || bytes[end - 1] === HT)) end--;
      marks[mark++] = at;
      marks[mark++] = colon;
      marks[mark++] = start;
      marks[mark++] = end;
      at = next;
    }
    this.#size += at - from;
    if (at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF) {
      this.isDone = true;
      at += 2;
    } else this.#refuseLine(bytes, at, to, mark === lastMark);
    this.text = bytes.toString("latin1", from, at);
    for (let i = 0; i < mark; i += 4)
      this.#cut(marks[i]! - from, marks[i + 1]! - from, marks[i + 2]! - from, marks[i + 3]! - from);
    return at;
  }

  /**
   * Checks the size of half a line: of `length` bytes that are there, of which `last` is the last one.
   *
   * @throws {ParseFault} If it makes the section too large, however it goes on.
   */
  checkHalf(length: number, last: number | undefined): void {
    // A CR by itself may begin the empty line, which does not count.
    if (this.#size + length <= this.#limits.headSize || (length === 1 && last === CR)) return;
    throw tooLarge(`the headers are larger than ${this.#limits.headSize} bytes`);
  }

  #cut(at: number, colon: number, start: number, end: number): void {
    const name = this.text.slice(at, colon);
    const value = this.text.slice(start, end);
    this.#list.push(name, value);
    // Most names have another length, or another first letter, than those that are looked for.
    switch (colon - at) {
      case 4:
        if (isNamed(name, "host") && this.hosts++ === 0) this.host = value;
        break;
      case 6:
        if (isNamed(name, "expect")) this.expect = joined(this.expect, value);
        break;
      case 7:
        if (isNamed(name, "upgrade")) this.upgrade = joined(this.upgrade, value);
        break;
      case 10:
        if (isNamed(name, "connection")) this.connection = joined(this.connection, value);
        break;
      case 14:
        if (isNamed(name, "content-length") && this.lengths++ === 0) this.length = value;
        break;
      case 17:
        if (isNamed(name, "transfer-encoding")) this.codings = joined(this.codings, value);
        break;
      default:
    }
  }

  /** Says what is wrong with the line that begins at `at`, unless its end has not come. */
  #refuseLine(bytes: Buffer, at: number, to: number, isFull: boolean): void {
    const lf = bytes.indexOf(LF, at);
    if (lf < 0 || lf >= to) return;
    const { headSize, headerCount } = this.#limits;
    if (this.#size + lf + 1 - at > headSize) throw tooLarge(`the headers are larger than ${headSize} bytes`);
    if (isFull) throw tooLarge(`there are more than ${headerCount} headers`);
    throw badRequest(faultOfLine(bytes.toString("latin1", at, lf + 1)));
  }
}

// Where names and values lie in the lines that are being read, four positions a line. It is kept between the reads.
let sharedMarks = new Uint32Array(4 * 64);

function marksFor(length: number): Uint32Array {
  if (sharedMarks.length < length) sharedMarks = new Uint32Array(2 * length);
  return sharedMarks;
}

function isNamed(name: string, lowerCaseName: string): boolean {
  return (name.charCodeAt(0) | 0x20) === lowerCaseName.charCodeAt(0) && name.toLowerCase() === lowerCaseName;
}

/** Several headers of one name are one list (RFC 9110 §5.3). */
function joined(list: string | undefined, value: string): string {
  return list === undefined ? value : `${list}, ${value}`;
}

function tooLarge(reason: string): ParseFault {
  return new ParseFault({ status: 431, reason });
}

function faultOfLine(line: string): string {
  if (!line.endsWith("\r\n")) return "a header ends in LF without CR";
  const text = line.slice(0, -2);
  if (text.includes("\r")) return "a header has a CR without LF";
  if (/^[ \t]/.test(text)) return "a header is folded";
  const colon = text.indexOf(":");
  if (colon < 0) return "a header has no colon";
  const name = text.slice(0, colon);
  if (/[ \t]$/.test(name)) return "a header has a space or tab before its colon";
  if (!isToken(name)) return "the name of a header is not a token";
  return "a header has a control character in its value";
}
