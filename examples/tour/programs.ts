// The examples that are programs, and how a page runs them.
import { join } from "node:path";
import { merge } from "pottle/asyncio";
import { createSubprocessExec, DEVNULL, PIPE } from "pottle/asyncio/subprocess";

/** An example that is a program. */
export interface Program {
  /** Its folder in `examples/`. */
  readonly folder: string;
  readonly title: string;
  /** What it does, in a sentence for the front page. */
  readonly about: string;
  /** What to look at, for its own page. */
  readonly watch: string;
  /** The ways to run it. */
  readonly runs: readonly Run[];
}

/** One way to run a program. */
export interface Run {
  readonly name: string;
  /** The file, and its arguments. */
  readonly command: readonly string[];
}

/** The programs that a page can run. */
export const programs: readonly Program[] = [
  {
    folder: "basics",
    title: "Basics",
    about: "One short program for each idea.",
    watch: "Each is a file of a few lines. Read it, guess what it prints, and run it.",
    runs: ["coroutine", "await", "run", "gather", "background-task", "context-manager", "async-generator", "error"].map(
      (name) => ({ name, command: [`${name}.ts`] }),
    ),
  },
  {
    folder: "web-crawl",
    title: "Web crawl",
    about: "Blocking, awaited in turn, and all at once.",
    watch:
      "All three print the same lines. The first two take 6\u00a0s, the last one takes 0.3\u00a0s: the site sees twenty requests " +
      "before it has answered one.",
    runs: ["blocking", "awaiting", "concurrent"].map((name) => ({ name, command: ["main.ts", name] })),
  },
  {
    folder: "scrape",
    title: "Scrape",
    about: "Titles of several pages, as they come.",
    watch: "Without a network it says so, and reads pages of its own.",
    runs: [{ name: "scrape", command: ["main.ts"] }],
  },
  {
    folder: "producer-consumer",
    title: "Producers and consumers",
    about: "A queue: how long does an item wait?",
    watch:
      "Items are generated and processed: first all of the one and then all of the other, then both at once, with one, " +
      "three and two producers. Look at how long an item waits, and at the queue. Here the clock goes five times as fast.",
    runs: ["blocking", "one", "three", "two", "shutdown"].map((name) => ({
      name,
      command: ["main.ts", name, "--speed", "5"],
    })),
  },
  {
    folder: "cityscape",
    title: "Cityscape, compared",
    about: "Twenty requests at once, before and after.",
    watch:
      "The blocking app answers one request after the other. Here the clock goes ten times as fast: 4\u00a0s against 0.2\u00a0s.",
    runs: [{ name: "compare", command: ["compare.ts", "--speed", "10"] }],
  },
  {
    folder: "async-all-the-things",
    title: "Async, all the things",
    about: "Three databases, and the cost of blocking.",
    watch:
      "A database that is not there takes its own line only. PostgreSQL is always there: it is started when none is given.",
    runs: [{ name: "all", command: ["main.ts"] }],
  },
];

/** Runs a program, and gives what it prints as it comes. Leaving the loop, as when the client leaves, kills it. */
export async function* outputOf(folder: string, { command: [file, ...args] }: Run): AsyncGenerator<Uint8Array> {
  const path = join(import.meta.dirname, "..", folder, file!);
  await using process = await createSubprocessExec(globalThis.process.execPath, [path, ...args], {
    stdin: DEVNULL,
    stdout: PIPE,
    stderr: PIPE,
    processGroup: true,
  });
  for await (const line of merge(process.stdout!, process.stderr!)) yield line;
  const code = await process.wait();
  if (code !== 0) yield Buffer.from(`\nIt ended with exit code ${code}.\n`);
}
