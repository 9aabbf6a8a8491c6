// By hand, as the libraries drop what they cannot make sense of: the rest of a value that has the boundary at the beginning
// of a line, a part without a Content-Disposition, what follows an end in the middle of a value. What a client sent is
// handed on here, or the form is refused.

import { cannot } from "../../base/refusal.ts";
import { type FieldPart, type FilePart, malformed, MultipartSyntaxError, readPartHead } from "./_part-head.ts";
import { parseMediaType } from "../media-type.ts";

/** What comes in a form, in its order. */
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

/** A field whose value is being read. */
interface OpenField {
  readonly field: FieldPart;
  readonly chunks: Uint8Array[];
  size: number;
}

/** What a line that begins like a boundary is; `next` is where the line break behind it stands. */
interface Line {
  readonly kind: "boundary" | "end" | "text" | "unfinished";
  readonly next: number;
}

const [tab, lf, cr, blank, dash] = [9, 10, 13, 32, 45];
const maxHeadSize = 16_384;
/** How many blanks may stand behind a boundary; with more of them the line is text, so that no more is held back. */
const maxPadding = 64;

/**
 * Takes a form apart as it arrives. It holds back only what may belong to a boundary or a head.
 *
 *     before ──boundary──▶ head ──blank line──▶ value ──boundary──▶ head …
 *                                                 └──boundary and two dashes──▶ after
 *
 * A boundary is a whole line, with nothing behind it except blanks. What stands before the first one and after the last
 * one is ignored, as RFC 2046 has it; but if there is another one after the last one, that was part of a value.
 */
export class MultipartParser {
  readonly #limits: MultipartLimits;
  /** What each boundary begins with. */
  readonly #mark: Buffer;
  #state: "before" | "head" | "value" | "after" = "before";
  /** Bytes that are not parsed yet. The first boundary may stand at the very beginning, without a line break before it. */
  #rest: Buffer = Buffer.from("\r\n");
  #part: FilePart | OpenField | undefined;
  #parts = 0;
  /** Whether the line break of the blank line before a value comes next, which is not part of it. */
  #isAtBlankLine = false;
  #events: MultipartEvent[] = [];

  constructor(contentType: string, limits: MultipartLimits) {
    this.#limits = limits;
    this.#mark = Buffer.from(`\r\n--${boundaryOf(contentType)}`, "latin1");
  }

  /**
   * Parses a chunk, and returns what came out.
   *
   * @throws {MultipartSyntaxError} If the form is malformed.
   * @throws {MultipartLimitError} If it exceeds a limit.
   */
  write(chunk: Uint8Array): MultipartEvent[] {
    const own = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let bytes = this.#rest.byteLength === 0 ? own : Buffer.concat([this.#rest, own]);
    for (let next: Buffer | undefined = bytes; next !== undefined;) {
      bytes = next;
      next = this.#state === "head" ? this.#readHead(bytes) : this.#readToBoundary(bytes);
    }
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /**
   * Ends the body. The last boundary needs no line break after it.
   *
   * @throws {MultipartSyntaxError} If the form is not complete.
   */
  end(): MultipartEvent[] {
    const events = this.write(Buffer.from("\r\n"));
    if (this.#state === "after") return events;
    throw malformed("it ends early");
  }

  /** Reads the head of a part, with the line breaks around it. Returns what follows if all of the head is there. */
  #readHead(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf("\r\n\r\n");
    if ((end < 0 ? bytes.byteLength : end) > maxHeadSize) throw malformed("a part has too large a head");
    this.#rest = bytes;
    if (end < 0) return undefined;
    if (++this.#parts > this.#limits.maxParts) {
      throw new MultipartLimitError("it has too many parts", this.#limits.maxParts);
    }
    this.#begin(readPartHead(bytes.subarray(2, end)));
    // The line break of the blank line may be that of a boundary: if the value is empty.
    this.#isAtBlankLine = true;
    return bytes.subarray(end + 2);
  }

  /** Reads up to a boundary. Returns what follows, `undefined` if there is none yet. */
  #readToBoundary(bytes: Buffer): Buffer | undefined {
    for (let at = bytes.indexOf(this.#mark); at >= 0; at = bytes.indexOf(this.#mark, at + 2)) {
      const { kind, next } = lineAt(bytes, at + this.#mark.byteLength);
      if (kind === "text") continue;
      if (kind === "unfinished") return this.#keep(bytes, at);
      this.#take(bytes.subarray(0, at));
      this.#finish(kind);
      return bytes.subarray(next);
    }
    return this.#keep(bytes, startOfMark(bytes, this.#mark));
  }

  /** Takes what is before `at`, and keeps the rest, which may be a boundary. */
  #keep(bytes: Buffer, at: number): undefined {
    this.#take(bytes.subarray(0, at));
    this.#rest = bytes.subarray(at);
  }

  #begin(part: FilePart | FieldPart): void {
    this.#state = "value";
    this.#part = "decoder" in part ? { field: part, chunks: [], size: 0 } : part;
    if (!("decoder" in part)) this.#events.push({ kind: "file", part });
  }

  #take(bytes: Buffer): void {
    if (bytes.byteLength === 0 || this.#part === undefined) return;
    const chunk = this.#isAtBlankLine ? bytes.subarray(2) : bytes;
    this.#isAtBlankLine = false;
    if ("field" in this.#part) this.#addTo(this.#part, chunk);
    else if (chunk.byteLength > 0) this.#events.push({ kind: "data", part: this.#part, chunk });
  }

  #addTo(open: OpenField, chunk: Buffer): void {
    open.size += chunk.byteLength;
    const { maxFieldSize } = this.#limits;
    if (open.size > maxFieldSize) throw new MultipartLimitError("its field is too large", maxFieldSize);
    open.chunks.push(chunk);
  }

  /** Ends what a boundary ends. */
  #finish(kind: "boundary" | "end"): void {
    if (this.#state === "after") throw malformed("its end stands within a value");
    const part = this.#part;
    this.#part = undefined;
    this.#state = kind === "end" ? "after" : "head";
    if (part === undefined) return;
    if (!("field" in part)) this.#events.push({ kind: "end", part });
    else {
      const { name, decoder } = part.field;
      this.#events.push({ kind: "field", name, value: decoder.decode(Buffer.concat(part.chunks)) });
    }
  }
}

/** Reads the rest of a line that begins with a boundary. */
function lineAt(bytes: Buffer, at: number): Line {
  const isEnd = bytes[at] === dash && bytes[at + 1] === dash;
  let next = isEnd ? at + 2 : at;
  const padded = next + maxPadding;
  while (next < padded && (bytes[next] === blank || bytes[next] === tab)) next++;
  if (next === bytes.byteLength || (bytes[next] === cr && next + 1 === bytes.byteLength))
    return { kind: "unfinished", next };
  const isOneDash = next === at && bytes[at] === dash && at + 1 === bytes.byteLength;
  if (isOneDash) return { kind: "unfinished", next };
  if (bytes[next] !== cr || bytes[next + 1] !== lf) return { kind: "text", next };
  return { kind: isEnd ? "end" : "boundary", next };
}

/** Where at the end of `bytes` a boundary may begin; their length if there is no such place. */
function startOfMark(bytes: Buffer, mark: Buffer): number {
  const from = Math.max(0, bytes.byteLength - mark.byteLength + 1);
  const at = bytes.subarray(from).lastIndexOf(cr);
  if (at < 0) return bytes.byteLength;
  const tail = bytes.subarray(from + at);
  return mark.subarray(0, tail.byteLength).equals(tail) ? from + at : bytes.byteLength;
}

function boundaryOf(contentType: string): string {
  const type = parseMediaType(contentType);
  if (type?.essence !== "multipart/form-data") {
    throw new MultipartSyntaxError(cannot("read the form", "its type must be multipart/form-data", contentType));
  }
  const boundary = type.parameters.get("boundary") ?? "";
  if (boundary !== "") return boundary;
  throw new MultipartSyntaxError(cannot("read the form", "its type must have a boundary", contentType));
}
