// A server that no longer answers, as after a cut cable or a power failure. It is simulated by a proxy that drops all
// data.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect as dial, createServer, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { createTask, gather, isCancelled, setExceptionHandler, sleep } from "../../asyncio/index.ts";
import { connect, type Queryable, type Transaction } from "./client.ts";
import { AcquireTimeoutError } from "./errors.ts";
import { createPool, type Pool } from "./pool.ts";
import { testServer } from "./server.fixture.ts";

const server = await testServer();

/** A cancelled wait takes at most 400 ms, but on a busy machine timers are late. */
const longest = 2_500;

/** A proxy that forwards to the server until it is silenced. Then it drops everything, even the ends of connections. */
class Proxy {
  url = "";
  #isSilent = false;
  readonly #sockets: Set<Socket> = new Set();
  readonly #open: Set<Socket> = new Set();
  readonly #swallowed = Promise.withResolvers<void>();
  readonly #silenced = Promise.withResolvers<void>();
  readonly #listener = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));

  async start(): Promise<void> {
    this.#listener.listen(0, "127.0.0.1");
    await once(this.#listener, "listening");
    const url = new URL(server.url);
    url.port = String((this.#listener.address() as AddressInfo).port);
    this.url = url.href;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket.on("error", () => {}));
    const onward = dial(Number(new URL(server.url).port), "127.0.0.1").on("error", () => {});
    socket.on("data", (data) => (this.#isSilent ? this.#swallowed.resolve() : onward.write(data)));
    this.#open.add(socket);
    socket.on("end", () => {
      this.#open.delete(socket);
      if (!this.#isSilent) onward.end();
    });
    onward.on("data", (data) => this.#isSilent || socket.write(data));
    onward.on("end", () => this.#isSilent || socket.end());
    socket.once("close", () => {
      this.#open.delete(socket);
      onward.destroy();
    });
  }

  /** How many connections clients have open. */
  get open(): number {
    return this.#open.size;
  }

  readonly silence = (): void => {
    this.#isSilent = true;
    this.#silenced.resolve();
  };

  /** A promise that is fulfilled when data was dropped. */
  get swallowed(): Promise<void> {
    return this.#swallowed.promise;
  }

  /** A promise that is fulfilled when the proxy was silenced. */
  get silenced(): Promise<void> {
    return this.#silenced.promise;
  }

  stop(): void {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function startProxy(context: TestContext): Promise<Proxy> {
  const proxy = new Proxy();
  await proxy.start();
  context.after(() => proxy.stop());
  return proxy;
}

function countReports(context: TestContext): () => number {
  let count = 0;
  const before = setExceptionHandler(() => void count++);
  context.after(() => setExceptionHandler(before));
  return () => count;
}

type Work = (pool: Pool, silence: () => void) => Promise<unknown>;

/**
 * Work during which the server falls silent. It is cancelled when its next message was dropped, or while it sends
 * nothing.
 */
const works: readonly [what: string, when: "swallowed" | "silenced", work: Work][] = [
  ["query", "swallowed", (pool, silence) => ask(pool, silence)],
  ["query in a transaction", "swallowed", (pool, silence) => pool.transaction((t) => askInside(t, silence))],
  [
    "query in a transaction within one",
    "swallowed",
    (pool, silence) => pool.transaction((t) => t.transaction((u) => askInside(u, silence))),
  ],
  ["savepoint", "swallowed", (pool, silence) => pool.transaction((t) => begin(t, silence))],
  ["transaction that rests", "silenced", (pool, silence) => pool.transaction((t) => rest(t, silence))],
  ["commit", "swallowed", commitInto],
  ["stream", "swallowed", streamOn],
  ["stream that rests", "silenced", restInStream],
  ["connection that rests", "silenced", useConnection],
];

function ask(queries: Queryable, silence: () => void): Promise<unknown> {
  silence();
  return queries.query("select 1");
}

async function askInside(queries: Queryable, silence: () => void): Promise<unknown> {
  await queries.query("select 1");
  return ask(queries, silence);
}

async function begin(transaction: Transaction, silence: () => void): Promise<void> {
  silence();
  await transaction.transaction(() => {});
}

async function commitInto(pool: Pool, silence: () => void): Promise<void> {
  await pool.transaction(async (transaction) => {
    await transaction.query("select 1");
    silence();
  });
}

async function rest(queries: Queryable, silence: () => void): Promise<void> {
  await queries.query("select 1");
  silence();
  await sleep(60_000);
}

async function streamOn(pool: Pool, silence: () => void): Promise<void> {
  for await (const _ of pool.stream("select generate_series(1, 10)", [], { batchSize: 2 })) silence();
}

async function restInStream(pool: Pool, silence: () => void): Promise<void> {
  for await (const _ of pool.stream("select generate_series(1, 10)")) {
    silence();
    await sleep(60_000);
  }
}

async function useConnection(pool: Pool, silence: () => void): Promise<void> {
  await using connection = await pool.acquire();
  await rest(connection, silence);
}

for (const [what, when, work] of works) {
  test(`a ${what} on a silent server ends 0.4 s after its cancellation, and leaves nothing behind`, async (context) => {
    const proxy = await startProxy(context);
    countReports(context);
    await using pool = createPool(proxy.url, { max: 1 });
    await pool.query("select 1");
    const task = createTask(() => work(pool, proxy.silence));
    await proxy[when];
    const start = performance.now();
    task.cancel();
    await assert.rejects(task, isCancelled);
    const ms = performance.now() - start;
    assert.ok(ms < longest, `${ms} ms`);
    await pool.close();
    while (proxy.open > 0) await sleep(5);
    assert.equal(pool.statistics().size, 0);
  });
}

test("Pool keeps the place of a connection whose cancelled query may run on, and reports it", async (context) => {
  const proxy = await startProxy(context);
  const reports = countReports(context);
  await using pool = createPool(proxy.url, { max: 1 });
  await pool.query("select 1");
  const task = createTask(() => ask(pool, proxy.silence));
  await proxy.swallowed;
  const start = performance.now();
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.ok(performance.now() - start >= 390);
  assert.deepEqual([pool.statistics().size, pool.statistics().idle, reports()], [1, 0, 0]);
  while (pool.statistics().size > 0) await sleep(5);
  assert.equal(reports(), 1);
});

test("Connection.close() on a silent server takes 0.4 s at most", async (context) => {
  const proxy = await startProxy(context);
  const connection = await connect(proxy.url);
  proxy.silence();
  const start = performance.now();
  await connection.close();
  const ms = performance.now() - start;
  assert.ok(ms > 390 && ms < longest, `${ms} ms`);
});

test("Pool whose server hangs tells all of its callers so after acquireTimeout", async (context) => {
  const proxy = await startProxy(context);
  proxy.silence();
  await using pool = createPool(proxy.url, { max: 2, connectTimeout: 700, acquireTimeout: 1_000 });
  const start = performance.now();
  const outcomes = await gather(
    Array.from({ length: 40 }, () => () => pool.query("select 1")),
    { returnExceptions: true },
  );
  const ms = performance.now() - start;
  assert.ok(ms >= 990 && ms < 4_000, `${ms} ms`);
  const late = outcomes.filter((outcome) => outcome instanceof AcquireTimeoutError);
  assert.ok(late.length >= 36, `${late.length} of 40`);
  assert.match(
    late[0]!.message,
    /^Cannot acquire a connection as none came free within 1000 ms: of at most 2, 0 are lent and 2 are being opened; \d+ wait$/,
  );
  assert.equal(pool.statistics().waiting, 0);
});
