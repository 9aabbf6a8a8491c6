// The CPU time of one query, by one peer, with ten queries under way at once:
//
//   node query.ts pottle|pg URL COUNT
//
// prints microseconds for each of COUNT queries, after a quarter of them that do not count.

import pg from "pg";
import { createTask, gather, run } from "pottle/asyncio";
import { createPool } from "pottle/postgres";

const connections = 10;
const text = "select $1::int as n";

type Ask = (n: number) => Promise<unknown>;

async function keepBusy(count: number, ask: Ask): Promise<void> {
  const work = async (): Promise<void> => {
    for (let i = 0; i < count / connections; i++) await ask(i);
  };
  // Each in a task that can be cancelled at any moment; bare pg has nothing of that kind.
  await gather(Array.from({ length: connections }, () => createTask(() => work())));
}

async function measure(count: number, ask: Ask): Promise<number> {
  await keepBusy(count / 4, ask);
  const before = process.cpuUsage();
  await keepBusy(count, ask);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

async function measureOurs(url: string, count: number): Promise<number> {
  await using pool = createPool(url, { max: connections });
  return await measure(count, (n) => pool.query(text, [n]));
}

async function measureBare(url: string, count: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const microseconds = await measure(count, (n) => pool.query(text, [n]));
  await pool.end();
  return microseconds;
}

const [peer, url = "", count] = process.argv.slice(2);
console.log(await run(() => (peer === "pg" ? measureBare : measureOurs)(url, Number(count))));
