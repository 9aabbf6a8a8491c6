import { MultipartParser, type MultipartEvent, type MultipartLimits } from "./_multipart-parser.ts";

export { type MultipartEvent, MultipartLimitError, type MultipartLimits } from "./_multipart-parser.ts";
export { type FilePart, MultipartSyntaxError } from "./_part-head.ts";

/**
 * Reads a `multipart/form-data` body. Field values are decoded by the charset of their part, UTF-8 if it names none.
 * Nothing is dropped: a part that is neither a field nor a file makes the whole form malformed, and text in a value that
 * only looks like the boundary stays in it.
 *
 * @param contentType The value of the `Content-Type` header, which has the boundary.
 * @param body The body, piece by piece. It is closed if reading ends early.
 * @throws {MultipartSyntaxError} If it is malformed or ends early.
 * @throws {MultipartLimitError} If it exceeds a limit; what follows is not read.
 * @throws {CancelledError} If the task is cancelled while it waits.
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export async function* readMultipart(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  limits: MultipartLimits,
): AsyncGenerator<MultipartEvent, void, undefined> {
  const parser = new MultipartParser(contentType, limits);
  for await (const chunk of body) yield* parser.write(chunk);
  yield* parser.end();
}
