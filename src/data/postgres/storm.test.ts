// A thousand cancellations at random moments among queries that are not cancelled, on one pool. Each query selects a
// unique number, so that an answer for the wrong caller is detected.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, gather, isCancelled, sleep, type Task } from "../../asyncio/index.ts";
import { createPool, type Pool } from "./pool.ts";
import { countCancelled, testServer } from "./server.fixture.ts";

const victims = 1_000;
const connections = 8;

const server = await testServer();

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function askFor(pool: Pool, number: number, seconds: number): Promise<void> {
  const rows = await pool.query("select $1::int as number, pg_sleep($2)", [number, seconds]);
  assert.deepEqual(rows, [{ number, pg_sleep: "" }]);
}

interface Outcome {
  cancelled: number;
  finished: number;
}

// Each worker starts two queries at a time and cancels one of them: in the queue, while it runs, or as it ends.
async function storm(pool: Pool, chance: () => number): Promise<Outcome> {
  const outcome: Outcome = { cancelled: 0, finished: 0 };
  const perWorker = victims / connections;
  const work = async (worker: number): Promise<void> => {
    for (let i = 0; i < perWorker; i++) {
      const number = worker * 1_000_000 + i * 2;
      await gather([() => askFor(pool, number, chance() / 500), () => hit(pool, number + 1, chance(), outcome)]);
    }
  };
  await gather(Array.from({ length: connections }, (_, worker) => () => work(worker + 1)));
  return outcome;
}

async function hit(pool: Pool, number: number, chance: number, outcome: Outcome): Promise<void> {
  const task: Task<void> = createTask(() => askFor(pool, number, number % 4 === 1 ? 0.02 : 0.5));
  await sleep(chance * 25);
  task.cancel();
  await task.then(
    () => outcome.finished++,
    (error: unknown) => {
      if (!isCancelled(error)) throw error;
      outcome.cancelled++;
    },
  );
}

for (const seed of [1, 20_261_121]) {
  test(`Pool lives through a thousand cancellations among a thousand innocent queries (seed ${seed})`, async (context) => {
    await using pool = createPool(server.url, { max: connections });
    await fill(pool);
    const [before, pids] = [countCancelled(server), await processesOf(pool)];
    const { cancelled, finished } = await storm(pool, random(seed));
    const inFlight = countCancelled(server) - before;
    context.diagnostic(`${cancelled} cancelled, ${inFlight} of them in flight; ${finished} finished before`);
    assert.equal(cancelled + finished, victims);
    assert.ok(inFlight >= 300, `${inFlight} were cancelled in flight`);
    assert.deepEqual(pool.statistics(), {
      size: connections,
      idle: connections,
      opening: 0,
      waiting: 0,
      max: connections,
    });
    assert.deepEqual(await processesOf(pool), pids);
  });
}

// Opens all connections of the pool.
async function fill(pool: Pool): Promise<void> {
  const taken = await gather(Array.from({ length: connections }, () => () => pool.acquire()));
  await gather(taken.map((connection) => () => connection.close()));
}

async function processesOf(pool: Pool): Promise<unknown[]> {
  const rows = await pool.query("select pid from pg_stat_activity where application_name = 'pottle' order by pid");
  return rows.map(({ pid }) => pid);
}
