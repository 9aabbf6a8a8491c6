import type { Readable } from "node:stream";
import { ConnectionResetError } from "./errors.ts";
import type { StreamReader } from "./stream-reader.ts";

/**
 * @internal Feeds the bytes of a Node stream to `reader`. Returns a function that stops this. The `error` listener
 * stays as long as the stream lives: an `error` event without a listener ends the process.
 */
export function feed(readable: Readable, reader: StreamReader): () => void {
  const onData = (bytes: Buffer): void => reader.feedData(bytes);
  const onEnd = (): void => reader.feedEof();
  let failed = false;
  const onError = (error: Error): void => {
    failed = true;
    reader.setException(new ConnectionResetError("read from the stream", error));
  };
  // `close` without `error` or `end` means that this side closed the stream, for example with `writer.close()`. Reads
  // then find the end.
  const onClose = (): void => {
    if (!failed) reader.feedEof();
  };
  readable.on("data", onData).on("end", onEnd).on("error", onError).on("close", onClose);
  reader.setSource(readable);
  return () => {
    readable.off("data", onData).off("end", onEnd).off("close", onClose);
    reader.setSource(undefined);
  };
}
