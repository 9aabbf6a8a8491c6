// HTML that is not yet there: templates with promises and async iterables in their holes.

import { isThenable } from "../../base/is-thenable.ts";
import { waitPromise } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";
import type { Hole } from "./_html-holes.ts";
import { Html, type HtmlValue, render } from "./_html-render.ts";
import { checkUrl } from "./_html-urls.ts";

/** A value for a hole of a stream of HTML: also a promise, or an async iterable, whose items follow each other. */
export type HtmlStreamValue =
  | HtmlValue
  | PromiseLike<HtmlStreamValue>
  | AsyncIterable<HtmlStreamValue>
  | HtmlStreamItems;

/** Several values for one hole of a stream. */
export interface HtmlStreamItems extends Iterable<HtmlStreamValue> {}

/** A piece that is there, or `undefined` before something is waited for. */
type Piece = string | undefined;

/** Whether a value must be waited for, or an item of an array. */
export function isAsyncValue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) ? value.some(isAsyncValue) : isThenable(value) || isAsyncIterable(value);
}

/** Makes a stream of HTML from a template. */
export function streamTemplateHtml(
  pieces: readonly string[],
  holes: readonly Hole[],
  values: readonly unknown[],
): AsyncGenerator<Html, void, void> {
  // Its turn may come after it was rejected.
  for (const value of values.flat(Infinity)) if (value instanceof Promise) value.catch(noop);
  return stream(pieces, holes, values);
}

async function* stream(
  pieces: readonly string[],
  holes: readonly Hole[],
  values: readonly unknown[],
): AsyncGenerator<Html, void, void> {
  let waiting = pieces[0] as string;
  for (let i = 0; i < values.length; i++) {
    const [value, hole, before, after] = [values[i], holes[i] as Hole, pieces[i] as string, pieces[i + 1] as string];
    for await (const piece of hole === "url" ? wholeUrl(value, waiting, before, after) : show(value, hole, before)) {
      if (piece !== undefined) {
        waiting += piece;
      } else if (waiting !== "") {
        yield new Html(waiting);
        waiting = "";
      }
    }
    waiting += after;
  }
  if (waiting !== "") yield new Html(waiting);
}

/** An address as one piece, so that it can be checked. */
async function* wholeUrl(value: unknown, sent: string, before: string, after: string): AsyncGenerator<Piece> {
  let url = "";
  for await (const piece of show(value, "url", before)) url += piece ?? "";
  checkUrl(isAsyncValue(value) ? url : value, sent, url, after);
  yield url;
}

/** Shows a value, piece by piece. */
async function* show(value: unknown, hole: Hole, before: string): AsyncGenerator<Piece> {
  if (isThenable(value)) {
    yield undefined;
    yield* show(await waitPromise(value), hole, before);
  } else if (isAsyncIterable(value)) {
    yield undefined;
    for await (const item of value) {
      yield* show(item, hole, before);
      yield undefined;
    }
  } else if (Array.isArray(value)) {
    for (const item of value) yield* show(item, hole, before);
  } else {
    yield render(value, hole, before);
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
