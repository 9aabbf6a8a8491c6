import type { ServerHttp2Stream } from "node:http2";
import { formatRefusal, type Refusal } from "../refusal.ts";
import { errorCode } from "./error-codes.ts";

/** Answers a stream in place of the application. What is still to come of its request is dropped. Returns the bytes of the body. */
export function answerRefusal(stream: ServerHttp2Stream, refusal: Refusal): number {
  stream.resume();
  if (stream.closed || stream.destroyed) return 0;
  const { body } = formatRefusal(refusal);
  const length = String(Buffer.byteLength(body));
  const headers = { "content-type": "text/plain; charset=utf-8", "content-length": length };
  // The client is told to send no more of a body that is not wanted.
  stream.on("finish", () => setImmediate(() => stream.close(errorCode.none)));
  stream.respond({ ":status": refusal.status, ...headers }, { endStream: body === "" });
  if (body !== "") stream.end(body);
  return body.length;
}
