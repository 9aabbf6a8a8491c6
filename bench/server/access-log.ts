// What a line of the access log costs, in microseconds of CPU time, beyond the request that it tells of.
//
//   npm run build && node bench/server/access-log.ts [--lines 200000] [--turn 10] [--folder /tmp]
//
// One request is logged again and again, to a file, so that nothing but the log is measured; a turn of the event loop ends
// after as many lines as `--turn` says. Lines with a write of their own are how access logs were printed before they were
// collected: console.log to a file. CPU time is that of the whole process; what the turns cost without a log is taken off.

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
  const cost = await measure(
    lines,
    perTurn,
    (one) => output.log(formatAccessEntry(one)),
    async () => {},
  );
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
      lines: { type: "string", default: "200000" },
      turn: { type: "string", default: "10" },
      folder: { type: "string", default: tmpdir() },
    },
  });
  const [lines, perTurn] = [Number(values.lines), Number(values.turn)];
  const folder = mkdtempSync(join(values.folder, "pottle-access-log-"));
  try {
    await compare(lines, perTurn, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(lines: number, perTurn: number, folder: string): Promise<void> {
  console.log(`${lines} lines, ${perTurn} in a turn of the event loop; µs of CPU time for each\n`);
  const cases: [title: string, run: (count: number, file: string) => Promise<number>][] = [
    ["before: development, each line a write", (count, file) => measureSingly(count, perTurn, file)],
    ...formats.map((format): (typeof cases)[number] => [
      format,
      (count, file) => measureLog(count, perTurn, file, format),
    ]),
  ];
  const idle = async (): Promise<number> =>
    await measure(
      lines,
      perTurn,
      () => {},
      async () => {},
    );
  await idle();
  const base = await idle();
  for (const [i, [title, run]] of cases.entries()) {
    // Twice: the first run compiles.
    await run(Math.ceil(lines / 4), join(folder, `${i}-warm`));
    const file = join(folder, String(i));
    const cost = (await run(lines, file)) - base;
    const { size } = statSync(file);
    console.log(
      `${(cost / lines).toFixed(2).padStart(6)}  ${String(Math.round(size / lines)).padStart(4)} bytes  ${title}`,
    );
  }
}

await main();
