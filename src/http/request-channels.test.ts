import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { test, type TestContext } from "node:test";
import { setExceptionHandler, sleep } from "../asyncio/index.ts";
import { findUncollected } from "../base/garbage.fixture.ts";
import type { AccessEntry } from "./access-entry.ts";
import type { Application } from "./application.ts";
import { MemoryExchange } from "./memory-exchange.ts";
import {
  type RequestEndMessage,
  type RequestErrorMessage,
  type RequestStartMessage,
  serveExchange,
} from "./serve-exchange.ts";

const hello: Application = { handle: (exchange) => exchange.respond(200, ["X-Id", "7"], "Hello") };

function request(): MemoryExchange {
  const exchange = new MemoryExchange({ target: "/a", rawHeaders: ["Host", "a"] });
  exchange.upload.end();
  return exchange;
}

function hear<T>(context: TestContext, name: string): T[] {
  const heard: T[] = [];
  const listener = (message: unknown): void => void heard.push(message as T);
  subscribe(name, listener);
  context.after(() => unsubscribe(name, listener));
  return heard;
}

test("serveExchange() tells pottle:request:start and :end, with the exchange and how it ended", async (context) => {
  const starts = hear<RequestStartMessage>(context, "pottle:request:start");
  const ends = hear<RequestEndMessage>(context, "pottle:request:end");
  const errors = hear<RequestErrorMessage>(context, "pottle:request:error");
  const exchange = request();
  const served = serveExchange(hello, exchange);
  assert.deepEqual([starts.length, starts[0]?.exchange, ends.length], [1, exchange, 0]);
  await served;
  assert.equal(ends.length, 1);
  assert.equal(ends[0]?.exchange, exchange);
  assert.deepEqual(
    { status: ends[0]?.entry.status, outcome: ends[0]?.entry.outcome },
    { status: 200, outcome: { kind: "served" } },
  );
  assert.deepEqual(exchange.responseHeaders, ["X-Id", "7", "Content-Length", "5"]);
  assert.deepEqual(errors, []);
});

test("serveExchange() tells pottle:request:error of what the application throws, before :end", async (context) => {
  const before = setExceptionHandler(() => {});
  context.after(() => setExceptionHandler(before));
  const errors = hear<RequestErrorMessage>(context, "pottle:request:error");
  const ends = hear<RequestEndMessage>(context, "pottle:request:end");
  const error = new Error("no");
  const exchange = request();
  await serveExchange({ handle: () => Promise.reject(error) }, exchange);
  assert.deepEqual(errors, [{ exchange, error }]);
  assert.deepEqual(ends[0]?.entry.outcome, { kind: "failed", error });
});

test("serveExchange() tells pottle:request:end of a request that is cancelled", async (context) => {
  const errors = hear<RequestErrorMessage>(context, "pottle:request:error");
  const ends = hear<RequestEndMessage>(context, "pottle:request:end");
  const exchange = request();
  const served = serveExchange({ handle: () => sleep(60_000) }, exchange);
  exchange.disconnect();
  await assert.rejects(served);
  assert.equal(ends[0]?.entry.outcome.kind, "cancelled");
  assert.deepEqual(errors, []);
});

test("a store that is bound to pottle:request:start is there in all that a request does", async (context) => {
  const store = new AsyncLocalStorage<string>();
  const start = channel("pottle:request:start");
  start.bindStore(store, (message) => `of ${(message as RequestStartMessage).exchange.target}`);
  context.after(() => start.unbindStore(store));
  const seen: unknown[] = [store.getStore()];
  const app: Application = {
    handle: async (exchange) => {
      seen.push(store.getStore());
      await sleep(1);
      seen.push(store.getStore());
      await exchange.respond(200, []);
    },
  };
  await serveExchange(app, request());
  seen.push(store.getStore());
  assert.deepEqual(seen, [undefined, "of /a", "of /a", undefined]);
});

test("an entry of the access log does not keep its exchange, which onAccess is given", async () => {
  const entries: AccessEntry[] = [];
  const exchanges: WeakRef<object>[] = [];
  const serve = async (): Promise<void> => {
    const exchange = request();
    await serveExchange(hello, exchange, {
      onAccess: (entry, of) => {
        entries.push(entry);
        assert.equal(of, exchange);
        exchanges.push(new WeakRef(of));
      },
    });
  };
  await serve();
  assert.equal(entries.length, 1);
  assert.deepEqual(await findUncollected(exchanges), []);
});

test("the headers of a response are empty until there is one, and if it is refused", async () => {
  const exchange = request();
  assert.deepEqual(exchange.responseHeaders, []);
  await assert.rejects(exchange.respond(99, ["A", "b"]));
  assert.deepEqual(exchange.responseHeaders, []);
});
