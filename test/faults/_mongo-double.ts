// A double of a MongoDB server, in a process of its own: it can be stopped and killed as a server can. Over the channel to
// its parent it takes `hold: name`, `release: name` and `count: name`, and says how often a command has come.

import { run, sleep } from "../../src/asyncio/index.ts";
import { startMongoDouble } from "../../src/data/mongodb/testing/start-mongo-double.ts";

/** What the parent asks. */
export interface Order {
  readonly hold?: string;
  readonly release?: string;
  readonly count?: string;
}

/** What it is told. */
export interface Report {
  readonly url?: string;
  readonly count?: number;
}

const say = (report: Report): void => void process.send!(report);

await run(async () => {
  await using double = await startMongoDouble({ port: Number(process.argv[2] ?? 0) });
  const held = new Map<string, () => void>();
  process.on("message", ({ hold, release, count }: Order) => {
    if (hold !== undefined) held.set(hold, double.hold(hold));
    if (release !== undefined) held.get(release)?.();
    if (count !== undefined) say({ count: double.calls.filter(({ name }) => name === count).length });
  });
  say({ url: double.url });
  await sleep(Infinity);
});
