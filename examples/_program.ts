// For the tests of the examples: runs a program in a process of its own, as its reader would.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** The `pottle` command. */
export const pottle: string = join(import.meta.dirname, "..", "bin", "pottle.cjs");

/** What ends a program with the test that started it: the context of the test, or `after` of `node:test` for several. */
export interface Lifetime {
  after(fn: () => Promise<void>): void;
}

/** How a program is started. */
export interface ProgramOptions {
  /** Environment variables, besides ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder that it runs in. @default that of this process */
  readonly cwd?: string;
  /** The program. @default the Node that runs this */
  readonly command?: string;
}

/** A running program, what it has printed, and how it ends. */
export class Program {
  /** What it has printed so far, standard output and errors in the order of their arrival. */
  output = "";
  /** What of that came by standard output. */
  stdout = "";
  /** What of that came by standard error. */
  stderr = "";
  /** The exit code, or the name of the signal that ended it, once all output is there. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #isOver = false;

  /** Starts Node with `args`, and ends it with the test if it has not ended by then. */
  constructor(context: Lifetime, args: readonly string[], options: ProgramOptions = {}) {
    const { command = process.execPath, cwd = process.cwd(), env = {} } = options;
    this.#child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#printed(text);
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#printed(text);
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        this.#isOver = true;
        this.#printed("");
        resolve(code ?? signal!);
      });
    });
    context.after(() => this.stop());
  }

  /** Waits until what it has printed, from the position `from` on, matches. */
  printed(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(this.output.slice(from));
        if (match === null && !this.#isOver) return;
        this.#watchers.delete(look);
        if (match !== null) resolve(match);
        else reject(new Error(`Cannot find ${String(pattern)} as the program has ended; it printed:\n${this.output}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** The id of its process. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Types something. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Types something, and no more after it. */
  typeLast(text: string): void {
    this.#child.stdin?.end(text);
  }

  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Kills it and whatever it has started. */
  async stop(): Promise<void> {
    const { pid } = this.#child;
    if (this.#isOver || pid === undefined) return;
    process.kill(-pid, "SIGKILL");
    await this.ended;
  }

  #printed(text: string): void {
    this.output += text;
    for (const look of this.#watchers) look();
  }
}

/** Starts `pottle run` with a file and waits until it serves. Returns the program and its address. */
export async function serve(context: Lifetime, file: string): Promise<[Program, string]> {
  const program = new Program(context, [pottle, "run", file, "--port", "0"]);
  const [url] = await program.printed(/http:\/\/[\w.:]+/);
  return [program, url];
}
