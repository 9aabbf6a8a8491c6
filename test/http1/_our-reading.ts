import { type ParsedHead, RequestParser } from "../../src/server/http1/request-parser.ts";
import { roomy } from "../../src/server/http1/transcript.fixture.ts";
import type { RawHeaders } from "../../src/http/index.ts";
import type { Message, Reading } from "./_reading.ts";

/** Our reading, and where its messages begin; the last position is the end of those that are complete. */
export interface OurReading extends Reading {
  readonly starts: readonly number[];
}

interface Draft extends Message {
  body: string;
  trailers: RawHeaders;
  isComplete: boolean;
}

/** Reads Latin-1 text by our parser, in the pieces given. */
export function readByOurs(pieces: Iterable<string>): OurReading {
  const messages: Draft[] = [];
  let fault: string | undefined;
  let isLast = false;
  let pushed = 0;
  const starts = [0];
  const parser = new RequestParser(
    {
      onHead: (head) => {
        isLast = head.isLast;
        messages.push(draftOf(head));
      },
      onBody: (piece) => void (messages.at(-1)!.body += piece.toString("latin1")),
      onEnd: (trailers) => {
        Object.assign(messages.at(-1)!, { trailers, isComplete: true });
        parser.pause();
      },
      onFault: ({ status, reason }) => void (fault = `${status}: ${reason}`),
    },
    roomy,
  );
  for (const piece of pieces) {
    let bytes = Buffer.from(piece, "latin1");
    while (bytes.length > 0) {
      const taken = parser.push(bytes);
      pushed += taken;
      bytes = bytes.subarray(taken);
      if (messages.at(-1)?.isComplete === true && starts.length === messages.length) starts.push(pushed);
    }
  }
  const isOver = isLast && messages.at(-1)?.isComplete === true;
  const outcome = fault !== undefined ? "refused" : isOver ? "over" : parser.position === "idle" ? "idle" : "half";
  return { messages, outcome, reason: fault ?? "", starts };
}

function draftOf({ method, target, httpVersion, rawHeaders }: ParsedHead): Draft {
  return { method, target, version: httpVersion, headers: rawHeaders, body: "", trailers: [], isComplete: false };
}
