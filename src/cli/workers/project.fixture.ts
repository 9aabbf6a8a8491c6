// For the tests of workers: an application in a folder of its own, run by real processes, and clients that load it.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pottle, Program } from "../../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const name = "pottle";

const app = `
import { Pottle } from "${name}";
import { sleep } from "${name}/asyncio";
import { text } from "./text.ts";
const app = new Pottle(import.meta);
const number = process.env["POTTLE_WORKER"];
app.get("/", async () => { await sleep(Math.random() * 10); return text; });
app.get("/who", () => ({ number, pid: process.pid, primary: process.ppid }));
app.get("/slow", async () => {
  console.log("begun");
  try { await sleep(500); return "slow"; } finally { await sleep(20); console.log("cleaned up"); }
});
app.get("/stubborn", async () => {
  console.log("begun");
  try { await sleep(60_000); } finally { console.log("cleaning"); await sleep(60_000); }
  return "";
});
app.get("/exit/<int:code>", ({ code }) => process.exit(code));
app.onStart(() => console.log("started", number));
app.onStop(() => console.log("stopped", number));
export default app;
`;

/** A worker's description of itself. */
export interface Who {
  readonly number: string;
  readonly pid: number;
  readonly primary: number;
}

/** An application in a folder of its own, within the package so that it can import it by name. */
export class Project {
  readonly folder: string;
  readonly #context: TestContext;

  constructor(context: TestContext) {
    mkdirSync(join(repository, ".pottle"), { recursive: true });
    this.#context = context;
    this.folder = mkdtempSync(join(repository, ".pottle", "workers-"));
    context.after(() => rmSync(this.folder, { recursive: true }));
    this.write("app.ts", app);
    this.write("text.ts", `export const text: string = "one";\n`);
  }

  /** Writes a file. */
  write(file: string, code: string): void {
    writeFileSync(join(this.folder, file), code);
  }

  /** Reads a file. */
  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  /** Runs the application with two workers, or as `args` say. */
  start(...args: string[]): Program {
    const workers = args.includes("--workers") ? [] : ["--workers", "2"];
    const port = args.includes("--port") ? [] : ["--port", "0"];
    const all = [pottle, "run", "app.ts", ...workers, ...port, ...args];
    return new Program(this.#context, all, { cwd: this.folder });
  }

  /** Runs the application, and waits until it serves. */
  async serve(...args: string[]): Promise<[program: Program, url: string]> {
    const program = this.start(...args);
    const [, url = ""] = await program.printed(serving);
    return [program, url];
  }
}

/** The line that says where an application is served. */
export const serving: RegExp = /^Serving app\.ts with \d+ workers? \(Ctrl\+C to stop\) on (\S+)\n/m;

/** The text at an address, asked for on a connection of its own or one of an agent. */
export async function ask(url: string, agent: Agent | false = false): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(url, { agent }, resolve).once("error", reject);
  return await textOf(await promise);
}

/** The description of each of `count` workers, by its number. */
export async function askAll(url: string, count = 2): Promise<Map<string, Who>> {
  const all = new Map<string, Who>();
  // Which worker takes a connection is for the system to say.
  while (all.size < count) {
    const who = JSON.parse(await ask(`${url}/who`)) as Who;
    all.set(who.number, who);
  }
  return all;
}

/** Waits until a process is gone. */
export async function untilGone(pid: number): Promise<void> {
  while (isRunning(pid)) await delay(5);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Clients that ask one thing after the other: half of them on a connection for each request, half on one that is kept. */
export class Load implements AsyncDisposable {
  /** How many answers there were of each text. */
  readonly answers: Map<string, number> = new Map();
  /** The errors. */
  readonly failures: NodeJS.ErrnoException[] = [];
  readonly #url: string;
  readonly #agent: Agent = new Agent({ keepAlive: true });
  readonly #clients: readonly Promise<void>[];
  #isOver = false;

  constructor(url: string, clients = 8) {
    this.#url = url;
    this.#clients = Array.from({ length: clients }, (_, index) => this.#run(index % 2 === 0 ? this.#agent : false));
  }

  /** Waits until there were `count` more answers, or a failure. */
  async more(count: number): Promise<void> {
    const goal = this.count + count;
    const failures = this.failures.length;
    while (this.count < goal && this.failures.length === failures) await delay(5);
  }

  /** Ends it; each client waits for its last answer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  /** How many answers there were. */
  get count(): number {
    return [...this.answers.values()].reduce((sum, count) => sum + count, 0);
  }

  /** A client goes on until it is ended, or something goes wrong. */
  async #run(agent: Agent | false): Promise<void> {
    while (!this.#isOver) {
      try {
        const text = await ask(this.#url, agent);
        this.answers.set(text, (this.answers.get(text) ?? 0) + 1);
      } catch (error) {
        this.failures.push(error as NodeJS.ErrnoException);
        return;
      }
    }
  }
}
