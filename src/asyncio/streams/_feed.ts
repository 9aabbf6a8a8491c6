import type { Readable } from "node:stream";
import { ConnectionResetError } from "./errors.ts";
import type { StreamReader } from "./stream-reader.ts";

/**
 * @internal Feeds what comes from a stream of the platform to `reader`. Returns a function that stops it. Errors are
 * heard for as long as the stream lives: one that nobody hears takes the process down.
 */
export function feed(readable: Readable, reader: StreamReader): () => void {
  const onData = (bytes: Buffer): void => reader.feedData(bytes);
  const onEnd = (): void => reader.feedEof();
  let failed = false;
  const onError = (error: Error): void => {
    failed = true;
    reader.setException(new ConnectionResetError("read from the stream", error));
  };
  // Closed without an error and without an end: by this side, as `writer.close()` does. Whoever still reads is done.
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
