import assert from "node:assert/strict";
import { test } from "node:test";
import { checkpoint, createTask, isCancelled, type Task } from "../asyncio/index.ts";
import { noop } from "../base/noop.ts";
import type { Connection } from "./undici.ts";
import { ConnectionPool, type PoolLimits } from "./pool.ts";

const request = { method: "GET", url: "http://a/" };

/** A pool with fake connections, and a log of what it has opened and closed. */
function makePool(limits: PoolLimits): [ConnectionPool, log: string[]] {
  const log: string[] = [];
  const connect = (origin: string): Connection => {
    log.push(`open ${origin}`);
    const destroy = (): Promise<void> => Promise.resolve(void log.push(`close ${origin}`));
    const idle = { wasUsed: false, hasUnsent: false, cutBy: undefined, onInterim: noop, onClosed: noop };
    return { ...idle, origin, dispatch: () => {}, destroy };
  };
  return [new ConnectionPool(limits, { connect }), log];
}

/** Starts to acquire a connection, up to the wait. */
function acquire(pool: ConnectionPool, origin: string): Task<Connection> {
  return createTask(() => pool.acquire(origin, request), { eagerStart: true });
}

test("ConnectionPool.acquire() serves those who wait in the order in which they came", async () => {
  const [pool] = makePool({ limit: 1, limitPerHost: Infinity });
  const first = await pool.acquire("http://a", request);
  const waiting = [acquire(pool, "http://b"), acquire(pool, "http://a"), acquire(pool, "http://b")];
  let held = first;
  for (const task of waiting) {
    assert.equal(task.done(), false);
    pool.release(held);
    held = await task;
  }
  assert.deepEqual(pool.statistics(), { open: 1, inUse: 1, idle: 0, waiting: 0 });
});

test("ConnectionPool.acquire() does not let a host that has its share hold up the others", async () => {
  const [pool] = makePool({ limit: 3, limitPerHost: 1 });
  const a = await pool.acquire("http://a", request);
  const forA = acquire(pool, "http://a");
  const b = await pool.acquire("http://b", request);
  const forB = acquire(pool, "http://b");
  assert.equal(pool.statistics().waiting, 2);
  pool.release(b);
  await forB;
  assert.equal(forA.done(), false);
  pool.release(a);
  assert.equal(await forA, a);
});

test("ConnectionPool.acquire() serves hosts with lines of their own in the order of arrival as well", async () => {
  const [pool] = makePool({ limit: 2, limitPerHost: 2 });
  const held = [await pool.acquire("http://a", request), await pool.acquire("http://a", request)];
  const early = [acquire(pool, "http://b"), acquire(pool, "http://c")];
  pool.release(held[0]!);
  await early[0]!;
  assert.equal(early[1]!.done(), false);
  const late = acquire(pool, "http://b");
  pool.release(held[1]!);
  await early[1]!;
  assert.equal(late.done(), false);
});

test("ConnectionPool.acquire() closes what has been idle for longest when there would be too many", async () => {
  const [pool, log] = makePool({ limit: 2, limitPerHost: Infinity });
  const a = await pool.acquire("http://a", request);
  const b = await pool.acquire("http://b", request);
  pool.release(a);
  pool.release(b);
  await pool.acquire("http://c", request);
  assert.deepEqual(log, ["open http://a", "open http://b", "close http://a", "open http://c"]);
  assert.deepEqual(pool.statistics(), { open: 2, inUse: 1, idle: 1, waiting: 0 });
});

test("ConnectionPool.acquire() gives the connection that was used last", async () => {
  const [pool] = makePool({ limit: 5, limitPerHost: Infinity });
  const [one, two] = [await pool.acquire("http://a", request), await pool.acquire("http://a", request)];
  pool.release(two);
  pool.release(one);
  assert.equal(await pool.acquire("http://a", request), one);
});

test("a connection that closes while it is idle is given to nobody", async () => {
  const [pool, log] = makePool({ limit: 5, limitPerHost: Infinity });
  const one = await pool.acquire("http://a", request);
  pool.release(one);
  one.onClosed();
  assert.equal(pool.statistics().open, 0);
  await pool.acquire("http://a", request);
  assert.equal(log.length, 2);
});

for (const order of ["given, then cancelled", "cancelled, then given"]) {
  test(`a connection passes by a wait that is ${order} in one turn`, async () => {
    const [pool] = makePool({ limit: 1, limitPerHost: Infinity });
    const held = await pool.acquire("http://a", request);
    const doomed = acquire(pool, "http://a");
    const next = acquire(pool, "http://a");
    const steps = [(): void => pool.release(held), (): unknown => doomed.cancel()];
    for (const step of order.startsWith("given") ? steps : steps.toReversed()) step();
    await assert.rejects(doomed, isCancelled);
    assert.equal(await next, held);
    pool.release(held);
    assert.deepEqual(pool.statistics(), { open: 1, inUse: 0, idle: 1, waiting: 0 });
  });
}

test("a thousand random acquires, cancels and releases leave nothing taken and nobody waiting", async () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
  const [pool] = makePool({ limit: 4, limitPerHost: 2 });
  const held: Connection[] = [];
  const tasks: Task<void>[] = [];
  for (let n = 0; n < 1_000; n++) {
    const origin = `http://${"abc"[random(3)]}`;
    tasks.push(createTask(async () => void held.push(await pool.acquire(origin, request))));
    if (random(2) === 0) await checkpoint();
    if (random(3) === 0) tasks[random(tasks.length)]!.cancel();
    const { inUse } = pool.statistics();
    assert.ok(inUse <= 4);
    if (held.length > 0 && random(2) === 0) pool.release(held.splice(random(held.length), 1)[0]!);
  }
  while (tasks.some((task) => !task.done())) {
    for (const connection of held.splice(0)) pool.release(connection);
    await checkpoint();
  }
  for (const connection of held.splice(0)) pool.release(connection);
  assert.equal(pool.statistics().inUse, 0);
  assert.equal(pool.statistics().waiting, 0);
});
