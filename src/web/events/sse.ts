import { Event, moveOnAfter } from "../../asyncio/index.ts";
import { HeaderList, type HeadersLike } from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { currentRequestContext } from "../message/context.ts";
import { HttpResponse } from "../message/http-response.ts";
import { EndlessBody } from "./endless.ts";
import { formatEvent, formatItem } from "./format-event.ts";

/** The events of a stream: `ServerSentEvent`s, or values that become the data of one each. */
export type EventSourceItems = AsyncIterable<unknown>;

/** Options of a stream of events. */
export interface SseOptions {
  /**
   * Time, in milliseconds, without an event after which a comment is sent, so that proxies leave the connection open, and a
   * client that has vanished is noticed. `Infinity` for none.
   * @default 15_000
   */
  readonly keepAlive?: number;
  /**
   * Time, in milliseconds, after which a client that has lost its connection connects anew. It is sent first.
   * @default the client's: 3_000 or so
   */
  readonly retry?: number;
  /**
   * Headers of the response, besides its own.
   * @default []
   */
  readonly headers?: HeadersLike;
}

/**
 * Makes a response that streams events to an `EventSource`, each as soon as it comes. It lasts until the source ends or the
 * client leaves, which cancels the source where it waits. The time limit of the request does not count for it.
 *
 * The items of the source are events, or values that become the data of one: a string as it is, anything else as JSON. An
 * object is an event if it has `data`, `retry` or `comment`, and no property that events do not have.
 *
 * @param source The events; or a function that makes them, given the `Last-Event-ID` of the client that connects anew:
 *   `undefined` if it has none.
 * @throws {TypeError} If `source` is neither an async iterable nor a function, or an option is not a number.
 * @throws {RangeError} If `keepAlive` is not above 0, or `retry` is not a whole number of milliseconds.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/prices", () =>
 *   sse(async function* (lastEventId) {
 *     for (let id = Number(lastEventId ?? 0) + 1; id <= 3; id++) yield { id: String(id), data: { price: id * 10 } };
 *   }),
 * );
 * const response = await app.testClient().get("/prices", { headers: { "Last-Event-ID": "2" } });
 * console.log(response.events()[0]?.data); // {"price":30}
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function sse(
  source: EventSourceItems | ((lastEventId: string | undefined) => EventSourceItems),
  options: SseOptions = {},
): HttpResponse {
  const action = "make a stream of events";
  const { keepAlive = 15_000, retry, headers = [] } = options;
  option(action, "keepAlive", keepAlive).milliseconds({ above: 0 });
  if (retry !== undefined) option(action, "retry", retry).count({ from: 0, unit: "milliseconds" });
  const items = typeof source === "function" ? source(lastEventIdOf()) : source;
  if (!isAsyncIterable(items)) {
    throw wrongType(action, "'source' must be an async iterable, or a function that makes one", items, showKind);
  }
  const list = new HeaderList(headers);
  const own = ["Content-Type", "text/event-stream", "Cache-Control", "no-store", "X-Accel-Buffering", "no"];
  for (const [name, value] of new HeaderList(own)) if (!list.has(name)) list.append(name, value);
  return new HttpResponse(new EventStream(items, keepAlive, retry), 200, list);
}

// UTF-8, of which a server makes a character for each byte.
function lastEventIdOf(): string | undefined {
  const header = currentRequestContext()?.request.headers.get("last-event-id");
  return header === undefined || header === "" ? undefined : Buffer.from(header, "latin1").toString();
}

function isAsyncIterable(value: unknown): value is EventSourceItems {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** The body of a stream of events. */
class EventStream extends EndlessBody {
  readonly #items: EventSourceItems;
  readonly #keepAlive: number;
  readonly #retry: number | undefined;

  constructor(items: EventSourceItems, keepAlive: number, retry: number | undefined) {
    super();
    this.#items = items;
    this.#keepAlive = keepAlive;
    this.#retry = retry;
  }

  override [Symbol.asyncIterator](): AsyncIterator<string> {
    // Begun at once, so that a stream that is dismissed before its first event closes its source as well.
    const iterator = this.#items[Symbol.asyncIterator]();
    const texts = this.#texts(iterator);
    let hasBegun = false;
    return {
      next: () => {
        hasBegun = true;
        return texts.next();
      },
      return: async () => {
        if (!hasBegun) await iterator.return?.();
        await texts.return(undefined);
        return { done: true, value: undefined };
      },
    };
  }

  async *#texts(iterator: AsyncIterator<unknown>): AsyncGenerator<string, void, undefined> {
    let isDone = false;
    try {
      if (this.#retry !== undefined) yield formatEvent({ retry: this.#retry });
      for (;;) {
        // Begun outside the time limit, which must not cancel it.
        const next = new NextItem(Promise.resolve(iterator.next()));
        while (!(await next.isThereWithin(this.#keepAlive))) yield ":\n\n";
        const result = await next.result;
        isDone = result.done === true;
        if (isDone) return;
        const value: unknown = result.value;
        yield formatItem(value);
      }
    } finally {
      if (!isDone) await iterator.return?.();
    }
  }
}

/** The next item of a source, which may be waited for several times. */
class NextItem {
  readonly result: Promise<IteratorResult<unknown>>;
  readonly #settled = new Event({ name: "next event of a stream" });

  constructor(result: Promise<IteratorResult<unknown>>) {
    this.result = result;
    const settle = (): void => this.#settled.set();
    void Promise.prototype.then.call(result, settle, settle);
  }

  /** Waits until it is there, or `ms` are over; says whether it is there. */
  async isThereWithin(ms: number): Promise<boolean> {
    if (ms === Infinity) await this.#settled.wait();
    else await moveOnAfter(ms, () => this.#settled.wait());
    return this.#settled.isSet();
  }
}
