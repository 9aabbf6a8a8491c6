import { HttpResponse } from "../message/http-response.ts";

/** A body that has no end of its own, so that the time limit of a request does not count for it. */
export abstract class EndlessBody implements AsyncIterable<string> {
  abstract [Symbol.asyncIterator](): AsyncIterator<string>;
}

/** Whether the result of a view is a response that lasts as long as its client stays. */
export function isEndless(result: unknown): boolean {
  return result instanceof HttpResponse && result.body instanceof EndlessBody;
}
