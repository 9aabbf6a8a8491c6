// What a line of the access log costs, in microseconds of CPU time, beyond the request that it tells of.
//
//   npm run build && node bench/server/access-log.ts [--lines 40000] [--rounds 10] [--turn 20] [--folder /tmp]
//
// One request is logged again and again, to a file, so that nothing but the log is measured; a turn of the event loop ends
// after as many lines as `--turn` says. Lines with a write of their own are how access logs were printed before they were
// collected: console.log to a file. CPU time is that of the whole process, the lowest of several rounds; what the turns
// cost without a log is taken off.

import { Console } from "node:console";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { setImmediate as turnOver } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type AccessedExchange, type AccessEntry, formatAccessEntry } from "pottle/http";
import { AccessLog } from "pottle/server";

type Log = (entry: AccessEntry, exchange: AccessedExchange) => void;

const ownFormat = '%(h)s "%(r)s" %(s)s %(b)s %(D)s "%({x-request-id}i)s"';
const formats = ["development", "hypercorn", "combined", "json", ownFormat] as const;

const entry: AccessEntry = {
  method: "GET",
  target: "/products/1734/reviews?page=2&sort=newest",
  peer: { address: "203.0.113.97", port: 51_234 },
  status: 200,
  bytes: 4_711,
  milliseconds: 12.345_678,
  outcome: { kind: "served" },
};

const exchange: AccessedExchange = {
  rawHeaders: [
    ["Host", "shop.example.com"],
    ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"],
    ["Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
    ["Referer", "https://shop.example.com/products/1734"],
    ["X-Request-Id", "5f2b9c60-0d5e-4f0e-9a57-51c1dd1c6f57"],
  ].flat(),
  responseHeaders: ["Content-Type", "text/html; charset=utf-8", "Content-Length", "4711"],
  scheme: "http",
  httpVersion: "1.1",
  finished: true,
};

/** The CPU time, in microseconds, of `lines` calls of `log`, in turns of `perTurn`, until `flush` is done. */
async function measure(lines: number, perTurn: number, log: Log, flush: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < lines;) {
    for (let i = 0; i < perTurn; i++, done++) log(entry, exchange);
    await turnOver();
  }
  await flush();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function measureSingly(lines: number, perTurn: number, file: string): Promise<number> {
  const descriptor = openSync(file, "a");
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => done(void writeSync(descriptor, chunk)),
  });
  const output = new Console(stream);
  const log = (one: AccessEntry): void => output.log(formatAccessEntry(one));
  const cost = await measure(lines, perTurn, log, idle);
  closeSync(descriptor);
  return cost;
}

async function measureLog(lines: number, perTurn: number, file: string, format: string): Promise<number> {
  await using log = new AccessLog({ format, to: file });
  return await measure(lines, perTurn, log.onAccess, () => log.close());
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lines: { type: "string", default: "40000" },
      rounds: { type: "string", default: "10" },
      turn: { type: "string", default: "20" },
      folder: { type: "string", default: tmpdir() },
    },
  });
  const folder = mkdtempSync(join(values.folder, "pottle-access-log-"));
  try {
    await compare(Number(values.lines), Number(values.rounds), Number(values.turn), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Measures lines that are logged to a file. */
type Run = (lines: number, perTurn: number, file: string) => Promise<number>;

const cases: readonly (readonly [title: string, run: Run])[] = [
  ["before: development, each line a write", measureSingly],
  ...formats.map((format) => {
    const run: Run = (lines, perTurn, file) => measureLog(lines, perTurn, file, format);
    return [format, run] as const;
  }),
];

async function compare(lines: number, rounds: number, perTurn: number, folder: string): Promise<void> {
  console.log(`µs of CPU time for each line, ${perTurn} lines in a turn of the event loop\n`);
  const lowest = new Map<string, number>();
  const note = (title: string, cost: number): void => {
    lowest.set(title, Math.min(lowest.get(title) ?? Infinity, cost / lines));
  };
  // The cases take turns, so that a busy minute does not fall upon one of them.
  for (let round = 0; round < rounds; round++) {
    note("", await measure(lines, perTurn, ignore, idle));
    for (const [title, run] of cases) note(title, await run(lines, perTurn, join(folder, title.replaceAll("/", "_"))));
  }
  for (const [title] of cases) {
    const { size } = statSync(join(folder, title.replaceAll("/", "_")));
    const cost = (lowest.get(title) ?? NaN) - (lowest.get("") ?? NaN);
    const bytes = String(Math.round(size / lines / rounds)).padStart(4);
    console.log(`${cost.toFixed(2).padStart(6)}  ${bytes} bytes  ${title}`);
  }
}

function ignore(): void {}

async function idle(): Promise<void> {}

await main();
