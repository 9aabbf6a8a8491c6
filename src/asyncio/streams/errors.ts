// The errors of streams.
//
//   Error
//   ├─ IncompleteReadError    the peer ended the stream before you had what you asked for
//   ├─ LimitOverrunError      the peer sent more than the limit without the separator
// └─ ConnectionResetError   the connection is gone; `cause` has the reason, if it is known

/**
 * The stream ended before the requested bytes had arrived. Those that did arrive are in `partial`.
 *
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.IncompleteReadError
 */
export class IncompleteReadError extends Error {
  override readonly name = "IncompleteReadError";
  /** The bytes that arrived before the end; they are no longer in the reader. */
  readonly partial: Buffer;
  /** How many bytes were requested; `undefined` if the read waited for a separator. */
  readonly expected: number | undefined;

  constructor(partial: Buffer, expected?: number) {
    const total = expected === undefined ? "an unknown number of" : String(expected);
    super(
      `Cannot read further as the stream ended: ${partial.length} bytes read on a total of ${total} expected bytes`,
    );
    this.partial = partial;
    this.expected = expected;
  }
}

/**
 * No separator was found within the limit of the reader. The bytes are still in the reader.
 *
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.LimitOverrunError
 */
export class LimitOverrunError extends Error {
  override readonly name = "LimitOverrunError";
  /** How many bytes come before the separator, or cannot contain the beginning of one. To continue, read that many. */
  readonly consumed: number;

  constructor(consumed: number, limit: number, found: boolean) {
    const reason = found ? "the separator came too late" : "no separator came";
    super(`Cannot read up to a separator within ${limit} bytes as ${reason}: current value is ${consumed}`);
    this.consumed = consumed;
  }
}

/** The connection is gone: the peer closed or reset it while it was still in use. */
export class ConnectionResetError extends Error {
  override readonly name = "ConnectionResetError";
  /** The system's error code, such as `ECONNRESET` or `EPIPE`; `undefined` if the peer closed the connection. */
  readonly code: string | undefined;

  constructor(action: string, cause?: unknown) {
    const code = codeOf(cause);
    super(
      `Cannot ${action} as the connection is lost${code === undefined ? "" : `: ${code}`}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
