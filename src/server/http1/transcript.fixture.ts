import type { RawHeaders } from "../../http/index.ts";
import type { Refusal } from "../refusal.ts";
import { type ParsedHead, type ParserEvents, type ParserLimits, RequestParser } from "./request-parser.ts";

/** One event of a parser. Pieces of a body that follow each other are one. */
export type ParserEvent =
  | { readonly head: ParsedHead }
  | { readonly body: string }
  | { readonly end: RawHeaders }
  | { readonly fault: Refusal };

/** All that a parser told, and where it stood at the end. */
export interface Transcript {
  readonly events: readonly ParserEvent[];
  readonly position: RequestParser["position"];
}

export const roomy: ParserLimits = { requestLine: 8_192, headSize: 16_384, headerCount: 100, chunkExtensions: 1_024 };

/** Collects what a parser tells. */
export class Recorder implements ParserEvents {
  readonly events: ParserEvent[] = [];

  onHead(head: ParsedHead): void {
    this.events.push({ head });
  }

  onBody(piece: Buffer): void {
    if (piece.length === 0) throw new RangeError("a piece of a body is empty");
    const last = this.events.at(-1);
    const body = piece.toString("latin1");
    if (last !== undefined && "body" in last) this.events[this.events.length - 1] = { body: last.body + body };
    else this.events.push({ body });
  }

  onEnd(trailers: RawHeaders): void {
    this.events.push({ end: trailers });
  }

  onFault(refusal: Refusal): void {
    this.events.push({ fault: refusal });
  }
}

/** Parses pieces of Latin-1 text, one after the other. Each is a buffer of its own, which is overwritten afterwards. */
export function transcribe(pieces: Iterable<string>, limits: ParserLimits = roomy): Transcript {
  const recorder = new Recorder();
  const parser = new RequestParser(recorder, limits);
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, "latin1");
    const taken = parser.push(bytes);
    if (taken !== bytes.length) throw new RangeError(`${taken} of ${bytes.length} bytes were taken without a pause`);
    bytes.fill("!");
  }
  return { events: recorder.events, position: parser.position };
}

/** Every way to cut a text in two, then byte by byte. */
export function* waysToCut(text: string): Generator<Iterable<string>> {
  for (let at = 1; at < text.length; at++) yield [text.slice(0, at), text.slice(at)];
  yield text;
}
