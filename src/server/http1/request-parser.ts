/**
 * The parser of HTTP/1.1 requests. It is strict: what two programs could read in two ways is refused, and nothing behind it
 * is read, as a proxy in front may have seen another request there.
 *
 *     push ─┬─ head ────── LineJoiner ── HeadReader ──── RequestLine, FieldSection, Framing ──> onHead
 *           ├─ length ── pieces ─────────────────────────────────────────────────────────────> onBody
 *           ├─ chunked ─── LineJoiner ── ChunkSizes, and pieces ──────────────────────────────> onBody
 *           └─ trailers ── LineJoiner ── FieldSection ────────────────────────────────────────> onEnd
 *
 * Everything but a body is lines. A line is judged when its LF has come, or when it is longer than its limit; one that is
 * complete in what was pushed is read where it lies. So there is one way through the code, however the bytes were cut on
 * their way, and the same bytes give the same events. Node's parser goes byte by byte through states instead; it is
 * lenient where older clients need it, and names only the error, not the request.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */

import type { RawHeaders } from "../../http/index.ts";
import type { Refusal } from "../refusal.ts";
import { ChunkSizes } from "./chunked-body.ts";
import { FieldSection } from "./field-section.ts";
import { LineJoiner } from "./line-joiner.ts";
import { CR } from "./octets.ts";
import { badRequest, ParseFault } from "./parse-fault.ts";
import { type HeadLimits, HeadReader, type ParsedHead } from "./request-head.ts";

export type { ParsedHead } from "./request-head.ts";

/** What a parser tells, in this order: head, pieces of the body, end, and the head of the next request. */
export interface ParserEvents {
  /** A request begins. */
  onHead(head: ParsedHead): void;
  /** A piece of its body, never empty: a view of the bytes that were pushed, no copy. */
  onBody(piece: Buffer): void;
  /** The request is complete. `trailers` are checked like headers; there are none unless the body is chunked. */
  onEnd(trailers: RawHeaders): void;
  /** The request is refused, with its method and target where they are known. Everything that follows is ignored. */
  onFault(refusal: Refusal): void;
}

/** How large the parts of a request may be. */
export interface ParserLimits extends HeadLimits {
  /** The largest length of the request line in bytes, without its end. A longer one is refused with 414. */
  readonly requestLine: number;
  /** The largest size of all header lines in bytes, each with its end; of the trailers likewise. More is refused with 431. */
  readonly headSize: number;
  /** The largest count of header lines; of trailers likewise. More are refused with 431. */
  readonly headerCount: number;
  /** The largest size of the extensions of all chunks of a body in bytes. More is refused with 413. */
  readonly chunkExtensions: number;
}

/** Parses the requests of one connection. */
export class RequestParser {
  readonly #events: ParserEvents;
  readonly #limits: ParserLimits;
  readonly #joiner = new LineJoiner();
  readonly #heads: HeadReader;
  #state: "head" | "length" | "chunked" | "trailers" | "over" = "head";
  #isPaused = false;
  /** Count of the bytes that are still to come of a body that has a length. */
  #left = 0;
  #chunks: ChunkSizes | undefined = undefined;
  #trailers: FieldSection | undefined = undefined;

  constructor(events: ParserEvents, limits: ParserLimits) {
    this.#events = events;
    this.#limits = limits;
    this.#heads = new HeadReader(limits);
  }

  /** Where the client stands: between two requests, in a head, or in a body, of which trailers are a part. */
  get position(): "idle" | "head" | "body" {
    if (this.#state === "over") return "idle";
    if (this.#state !== "head") return "body";
    // A CR may begin an empty line before a request, which says nothing.
    const { first } = this.#joiner;
    return this.#heads.line === undefined && (first === undefined || first === CR) ? "idle" : "head";
  }

  /**
   * Takes bytes, and tells of what they are. Returns how many were taken: all, unless an event called `pause()`. Behind a
   * fault, and behind a request after which the client keeps no connection, all are taken and ignored. Not to be called
   * from within an event.
   */
  push(bytes: Buffer): number {
    this.#isPaused = false;
    let at = 0;
    try {
      while (at < bytes.length && !this.#isPaused) at = this.#take(bytes, at);
    } catch (error) {
      if (!(error instanceof ParseFault)) throw error;
      this.#refuse(error.refusal);
      return bytes.length;
    }
    return at;
  }

  /**
   * Makes `push` return after the event that is being told. The bytes that it did not take are to be pushed again; that
   * goes on by itself. An end that needs no more bytes is told all the same: that of a request without a body with its
   * head, and that of a body that has a length with its last piece.
   */
  pause(): void {
    this.#isPaused = true;
  }

  #take(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case "head":
        return this.#takeHead(bytes, at);
      case "length":
        return this.#takePiece(bytes, at);
      case "chunked":
        return this.#takeChunk(bytes, at, this.#chunks!);
      case "trailers":
        return this.#takeTrailers(bytes, at, this.#trailers!);
      case "over":
        break;
    }
    return bytes.length;
  }

  #takeHead(bytes: Buffer, from: number): number {
    const at = this.#joiner.feed(this.#heads, bytes, from);
    const { head } = this.#heads;
    if (head === undefined) return at;
    this.#joiner.release();
    const { bodyLength } = head;
    if (bodyLength === "chunked") {
      this.#state = "chunked";
      this.#chunks = new ChunkSizes(this.#limits.chunkExtensions);
    } else if (bodyLength > 0) {
      this.#state = "length";
      this.#left = bodyLength;
    }
    this.#events.onHead(head);
    if (bodyLength === 0) this.#end([]);
    return at;
  }

  #takePiece(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    this.#events.onBody(pieceOf(bytes, from, end));
    if (this.#left === 0) this.#end([]);
    return end;
  }

  #takeChunk(bytes: Buffer, from: number, chunks: ChunkSizes): number {
    if (chunks.left > 0) {
      const end = Math.min(bytes.length, from + chunks.left);
      chunks.left -= end - from;
      this.#events.onBody(pieceOf(bytes, from, end));
      return end;
    }
    const at = this.#joiner.feed(chunks, bytes, from);
    if (chunks.isOver) {
      this.#state = "trailers";
      this.#trailers = new FieldSection(this.#limits);
    }
    return at;
  }

  #takeTrailers(bytes: Buffer, from: number, trailers: FieldSection): number {
    const at = this.#joiner.feed(trailers, bytes, from);
    if (!trailers.isDone) return at;
    if (trailers.hasControls) throw badRequest("the trailers have a header that belongs in the head");
    this.#joiner.release();
    this.#chunks = undefined;
    this.#trailers = undefined;
    this.#end(trailers.rawHeaders);
    return at;
  }

  #end(trailers: RawHeaders): void {
    this.#state = this.#heads.head?.isLast === true ? "over" : "head";
    this.#heads.reset();
    this.#events.onEnd(trailers);
  }

  #refuse(refusal: Refusal): void {
    const { line } = this.#heads;
    this.#state = "over";
    this.#joiner.release();
    this.#events.onFault(line === undefined ? refusal : { ...refusal, method: line.method, target: line.target });
  }
}

function pieceOf(bytes: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}
