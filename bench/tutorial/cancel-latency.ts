import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createSubprocessExec, PIPE, type Process } from "pottle/asyncio/subprocess";
import { connect, type Connection } from "pottle/postgres";
import { type Spread, spreadOf } from "../asyncio/summary.ts";

const run = promisify(execFile);
const programs = join(import.meta.dirname, "programs");
const packages = ["effect@4", "@effect/sql-pg@4"];

/** How long it takes to cancel a query, in milliseconds. */
export interface CancelLatency {
  readonly title: string;
  /** Until the server shows nothing running. */
  readonly server: Spread;
  /** Until the program that cancelled has gone on. */
  readonly program: Spread;
}

/**
 * Measures all peers, one round of each after the other.
 *
 * @param tell - Told why Effect cannot be measured; without it, Effect is left out.
 */
export async function measureCancelLatency(
  url: string,
  rounds: number,
  tell: ((message: string) => void) | undefined,
): Promise<CancelLatency[]> {
  await using stack = new AsyncDisposableStack();
  const watcher = stack.use(await connect(url));
  const peers = [await Canceller.start("Pottle", join(programs, "cancel-pottle.ts"), url, watcher)];
  stack.use(peers[0]!);
  const effect = tell === undefined ? undefined : await installEffect(stack, tell);
  if (effect !== undefined) {
    peers.push(stack.use(await Canceller.start("Effect 4 with @effect/sql-pg", effect, url, watcher)));
  }
  for (let round = 0; round < rounds; round++) {
    for (const peer of round % 2 === 0 ? peers : peers.toReversed()) await peer.measure();
  }
  return peers.map((peer) => peer.latency());
}

// In a folder of its own, so that nothing of this repository changes by it. Gives the program in it.
async function installEffect(
  stack: AsyncDisposableStack,
  tell: (message: string) => void,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "pottle-bench-effect-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  try {
    const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"];
    await run("npm", ["install", ...options, ...packages], { cwd: folder, timeout: 120_000 });
  } catch (error) {
    tell(`Not measured: ${packages.join(", ")}, which cannot be installed here: ${(error as Error).message}`);
    return undefined;
  }
  const program = join(folder, "cancel-effect.mjs");
  await copyFile(join(programs, "cancel-effect.mjs"), program);
  return program;
}

/** A program that starts and cancels a query when it is told to. */
class Canceller implements AsyncDisposable {
  readonly #title: string;
  readonly #process: Process;
  readonly #watcher: Connection;
  readonly #server: number[] = [];
  readonly #program: number[] = [];

  private constructor(title: string, process: Process, watcher: Connection) {
    this.#title = title;
    this.#process = process;
    this.#watcher = watcher;
  }

  static async start(title: string, file: string, url: string, watcher: Connection): Promise<Canceller> {
    const program = await createSubprocessExec(process.execPath, [file, url], { stdin: PIPE, stdout: PIPE });
    const canceller = new Canceller(title, program, watcher);
    await canceller.#hear("ready");
    return canceller;
  }

  /** Cancels one query that is under way. */
  async measure(): Promise<void> {
    this.#say("start");
    await this.#untilRunning(1);
    const start = performance.now();
    this.#say("stop");
    const stopped = this.#hear("stopped").then(() => performance.now() - start);
    await this.#untilRunning(0);
    this.#server.push(performance.now() - start);
    this.#program.push(await stopped);
  }

  latency(): CancelLatency {
    return { title: this.#title, server: spreadOf(this.#server), program: spreadOf(this.#program) };
  }

  async #untilRunning(count: number): Promise<void> {
    const query = `select from pg_stat_activity
      where state = 'active' and query like 'select pg_sleep%' and pid <> pg_backend_pid()`;
    while ((await this.#watcher.query(query)).length !== count);
  }

  #say(word: string): void {
    this.#process.stdin!.write(`${word}\n`);
  }

  async #hear(word: string): Promise<void> {
    const line = await this.#process.stdout!.readLine();
    if (line.toString().trim() !== word) {
      throw new Error(`Cannot measure ${this.#title} as it was to say ${word}: it said ${line.toString()}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
