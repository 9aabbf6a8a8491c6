import { createHash } from "node:crypto";
import { ambient } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import type { HeaderList } from "../../http/index.ts";
import { TooManyRequests } from "../errors/statuses.ts";
import { type RequestContext, requireRequest } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { isMarked, markView, wrapView } from "../message/wrap-view.ts";
import { clientAddress } from "./client-address.ts";
import { MemoryRateLimitStore } from "./memory-rate-limit-store.ts";
import type { RateDecision, RateLimitStore, RateRule } from "./rate-limit-store.ts";

/** Options of {@link rateLimit}. */
export interface RateLimitOptions {
  /**
   * The key of a request: those with the same key are counted together. A request whose key is `undefined` is not limited.
   * @default the address of the client: {@link clientAddress}
   */
  readonly key?: (request: HttpRequest) => string | undefined | PromiseLike<string | undefined>;
  /** Where requests are counted; it may be shared by several limits. @default the memory of this process */
  readonly store?: RateLimitStore;
  /** The name of this limit in a store, which keeps it apart from others; needed with `store`. @default none */
  readonly name?: string;
}

/** A limit: a function for `beforeRequest` and `beforeWebsocket`, and one that wraps views of both. */
export interface RateLimit {
  /** Counts a request, or that of a WebSocket. @throws {TooManyRequests} If it is one too many. */
  (subject: HttpRequest | { readonly request: HttpRequest }): Promise<void> | undefined;
  /** Makes a view that counts its requests before it runs; its types stay, and its name. */
  wrap<A extends unknown[], R>(view: (...args: A) => R): (...args: A) => Promise<Awaited<R>>;
}

interface Limit extends RateRule {
  readonly count: number;
  readonly name: string;
  readonly store: RateLimitStore;
  readonly key: NonNullable<RateLimitOptions["key"]>;
}

/** What a response says of a limit. */
interface Standing {
  readonly count: number;
  readonly remaining: number;
  readonly reset: number;
}

const action = "limit requests";
const mark = "rate limit exempt";
const standings = ambient("web.limits.standings", () => new WeakMap<RequestContext, { tightest: Standing }>());

/**
 * Limits the requests of each client: `count` at once, after which one more is allowed each `period / count`. One too many
 * is answered with 429 and `Retry-After`. All responses say what is left, in `RateLimit-Limit`, `RateLimit-Remaining` and
 * `RateLimit-Reset`; of several limits, that of which least is left.
 *
 * It is a hook for the requests and the WebSockets of an application or a blueprint, and `wrap` puts it around a view. Limits can be stacked: each counts the
 * requests that those before it let through.
 *
 * @param count - How many requests are allowed in a period.
 * @param period - In milliseconds.
 * @throws {RangeError} If a number is out of range, or `store` comes without `name`.
 * @throws {TypeError} If an argument has a wrong type.
 * @example
 * const app = new Pottle(import.meta);
 * app.beforeRequest(rateLimit(1_000, 3_600_000));
 * app.post("/login", rateLimit(1, 60_000).wrap(() => "Hello"));
 * const client = app.testClient();
 * console.log((await client.post("/login")).headers.get("ratelimit-remaining")); // 0
 * const refused = await client.post("/login");
 * console.log(refused.status, refused.headers.get("retry-after")); // 429 60
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-07
 */
export function rateLimit(count: number, period: number, options: RateLimitOptions = {}): RateLimit {
  const limit = checkLimit(count, period, options);
  const check = (request: HttpRequest): Promise<void> | undefined => checkRequest(limit, request);
  const hook: (...subject: Parameters<RateLimit>) => Promise<void> | undefined = () => {
    const { request, view } = requireRequest("rateLimit()");
    return isMarked(view, mark) ? undefined : check(request);
  };
  return Object.assign(hook, {
    wrap<A extends unknown[], R>(view: (...args: A) => R): (...args: A) => Promise<Awaited<R>> {
      option(action, "view", view).function();
      return wrapView(view, async (...args: A): Promise<Awaited<R>> => {
        await check(requireRequest("rateLimit()").request);
        return await view(...args);
      });
    },
  });
}

/**
 * Exempts a view from the limits that are hooks.
 *
 * @throws {TypeError} If `view` is not a function.
 * @example
 * const app = new Pottle(import.meta);
 * app.beforeRequest(rateLimit(1, 60_000));
 * app.get("/health", rateLimitExempt(() => "OK"));
 * const client = app.testClient();
 * await client.get("/health");
 * console.log((await client.get("/health")).status); // 200
 */
export function rateLimitExempt<V extends (...args: never[]) => unknown>(view: V): V {
  option("exempt a view", "view", view).function();
  markView(view, mark);
  return view;
}

function checkLimit(count: number, period: number, options: RateLimitOptions): Limit {
  const { key = clientAddress, store, name = "" } = options;
  option(action, "count", count).count({ from: 1, to: 1_000_000_000 });
  option(action, "period", period).milliseconds({ from: 1, to: 1e12 });
  option(action, "key", key).function();
  if (typeof name !== "string") throw wrongType(action, "'name' must be a string", name);
  if (store !== undefined && typeof (store as Partial<RateLimitStore> | null)?.take !== "function") {
    throw wrongType(action, "'store' must be a RateLimitStore", store);
  }
  if (store !== undefined && name === "") throw outOfRange(action, "a limit in a 'store' must have a 'name'", name);
  return { count, period, interval: period / count, key, name, store: store ?? new MemoryRateLimitStore() };
}

// Without a promise where there is none to wait for: most limits are in memory.
function checkRequest(limit: Limit, request: HttpRequest): Promise<void> | undefined {
  const key = limit.key(request);
  if (key === undefined) return undefined;
  if (typeof key !== "string") return checkLater(limit, key);
  const decision = limit.store.take(toStoreKey(limit, key), limit);
  if (decision instanceof Promise) return decision.then((decided) => apply(limit, decided));
  apply(limit, decision);
  return undefined;
}

async function checkLater(limit: Limit, pending: PromiseLike<string | undefined>): Promise<void> {
  const key = await pending;
  if (key !== undefined) apply(limit, await limit.store.take(toStoreKey(limit, key), limit));
}

// A key may come from a header: a long one must not fill the store.
function toStoreKey({ name }: Limit, key: string): string {
  if (typeof key !== "string") throw wrongType(action, "'key' must give a string or undefined", key);
  return `${name}:${key.length > 200 ? createHash("sha256").update(key).digest("base64url") : key}`;
}

function apply({ count, interval, period }: Limit, { wait, reset }: RateDecision): void {
  const left = Math.floor((period - reset) / interval + 0.01);
  note({ count, remaining: wait > 0 ? 0 : Math.min(Math.max(left, 0), count), reset });
  if (wait <= 0) return;
  const seconds = Math.max(Math.ceil(wait / 1_000), 1);
  throw new TooManyRequests(undefined, { headers: ["Retry-After", String(seconds)] });
}

function note(standing: Standing): void {
  const context = requireRequest("rateLimit()");
  const before = standings.get(context);
  if (before === undefined) {
    const opened = { tightest: standing };
    standings.set(context, opened);
    (context.finishers ??= []).push((headers) => writeHeaders(headers, opened.tightest));
  } else if (standing.remaining <= before.tightest.remaining) {
    before.tightest = standing;
  }
}

function writeHeaders(headers: HeaderList, { count, remaining, reset }: Standing): void {
  headers.set("RateLimit-Limit", String(count));
  headers.set("RateLimit-Remaining", String(remaining));
  headers.set("RateLimit-Reset", String(Math.ceil(reset / 1_000)));
}
