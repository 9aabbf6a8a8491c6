// Sends twenty requests at once to the blocking app and to the finished one, and says how long each took for all of them.
//
//   node compare.ts                 about 45 s
//   node compare.ts --speed 20      as if every second were 50 ms
//   node compare.ts --all           the steps in between as well
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gather, run } from "pottle/asyncio";
import { createSubprocessExec, DEVNULL, PIPE, type Process } from "pottle/asyncio/subprocess";
import { ClientSession } from "pottle/client";

/** An app that is measured. */
interface Contestant {
  readonly title: string;
  readonly command: readonly string[];
}

const contestants: readonly Contestant[] = [
  { title: "blocking", command: ["0-blocking/app.ts", "0"] },
  { title: "1. on Pottle", command: ["serve.ts", "1-pottle/app.ts", "0"] },
  { title: "2. awaiting", command: ["serve.ts", "2-await/app.ts", "0"] },
  { title: "3. blueprints", command: ["serve.ts", "3-blueprints/app.ts", "0"] },
  { title: "finished", command: ["serve.ts", "app.ts", "0"] },
];

const { values } = parseArgs({
  options: {
    speed: { type: "string", default: "1" },
    requests: { type: "string", default: "20" },
    all: { type: "boolean", default: false },
  },
});
const count = Number(values.requests);

/** Starts an app, sends the requests to it, and gives the seconds until the last of them was answered. */
async function measure({ command: [file, ...args] }: Contestant): Promise<number> {
  await using server = await createSubprocessExec(process.execPath, [join(import.meta.dirname, file!), ...args], {
    stdin: DEVNULL,
    stdout: PIPE,
    env: { ...process.env, CITYSCAPE_SPEED: values.speed },
  });
  const baseUrl = await addressOf(server);
  // The last one waits for all the others.
  const timeout = { total: Infinity, headers: Infinity };
  await using session = new ClientSession({ baseUrl, raiseForStatus: true, timeout });
  const start = performance.now();
  await gather(Array.from({ length: count }, () => () => askForEvents(session)));
  return (performance.now() - start) / 1_000;
}

async function addressOf({ stdout }: Process): Promise<string> {
  for await (const line of stdout!) {
    const url = /http:\/\/\S+/.exec(line.toString())?.[0];
    if (url !== undefined) return url;
  }
  throw new Error("Cannot start the app: it ended before it said where it serves");
}

async function askForEvents(session: ClientSession): Promise<unknown> {
  await using response = await session.get("/api/events/Portland/OR/us");
  return await response.json();
}

await run(async () => {
  const chosen = values.all ? contestants : [contestants[0]!, contestants.at(-1)!];
  for (const contestant of chosen) {
    const seconds = await measure(contestant);
    console.log(`${contestant.title.padEnd(14)} ${count} requests at once: ${seconds.toFixed(2).padStart(6)} s`);
  }
});
