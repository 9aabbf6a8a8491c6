import { HttpResponse } from "../message/http-response.ts";

/** A body that has no end of its own, so that the time limit of a request does not count for it. */
export abstract class EndlessBody implements AsyncIterable<string | Uint8Array> {
  abstract [Symbol.asyncIterator](): AsyncIterator<string | Uint8Array>;
}

/** Pieces that were made from those of a body without an end, such as compressed ones. */
export class EndlessPieces extends EndlessBody {
  readonly #pieces: AsyncIterable<string | Uint8Array>;

  constructor(pieces: AsyncIterable<string | Uint8Array>) {
    super();
    this.#pieces = pieces;
  }

  override [Symbol.asyncIterator](): AsyncIterator<string | Uint8Array> {
    return this.#pieces[Symbol.asyncIterator]();
  }
}

/** Whether the result of a view is a response that lasts as long as its client stays. */
export function isEndless(result: unknown): boolean {
  return result instanceof HttpResponse && result.body instanceof EndlessBody;
}
