import { dismissBody, type ResponseBody } from "../../http/index.ts";

type Stream = AsyncIterable<string | Uint8Array>;

/**
 * A stream that is made of another body. The other one is closed with it, even if it was never begun.
 *
 * @param derive Makes the pieces. It closes `source` itself.
 */
export function deriveStream(source: ResponseBody, derive: () => AsyncGenerator<Uint8Array>): Stream {
  return { [Symbol.asyncIterator]: () => new DerivedIterator(source, derive) };
}

/** A body without bytes in place of another, which is closed. */
export function emptyInPlaceOf(source: ResponseBody): ResponseBody {
  if (typeof source === "string" || source instanceof Uint8Array) return "";
  return deriveStream(source, async function* () {
    await dismissBody(source);
    yield new Uint8Array();
  });
}

class DerivedIterator implements AsyncIterator<Uint8Array> {
  readonly #source: ResponseBody;
  readonly #derive: () => AsyncGenerator<Uint8Array>;
  #pieces: AsyncGenerator<Uint8Array> | undefined;

  constructor(source: ResponseBody, derive: () => AsyncGenerator<Uint8Array>) {
    this.#source = source;
    this.#derive = derive;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    this.#pieces ??= this.#derive();
    return this.#pieces.next();
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    if (this.#pieces === undefined) await dismissBody(this.#source);
    else await this.#pieces.return(undefined);
    return { done: true, value: undefined };
  }
}
