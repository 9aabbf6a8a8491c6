import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

/** @internal How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @internal A program that a test runs in a separate process; its imports are relative to this folder. Disposing it
 * ends the process.
 */
export class Program implements Disposable {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #output = { stdout: "", stderr: "" };
  readonly #closed: Promise<unknown[]>;

  constructor(source: string, env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", source], {
      cwd: import.meta.dirname,
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#closed = once(this.#child, "close");
    for (const name of ["stdout", "stderr"] as const) {
      this.#child[name].setEncoding("utf8").on("data", (text: string) => (this.#output[name] += text));
    }
  }

  /** Waits until the program has printed `text`. */
  async printed(text: string): Promise<void> {
    while (!this.#output.stdout.includes(text)) {
      const more = await Promise.race([once(this.#child.stdout, "data"), this.#closed.then(() => "closed" as const)]);
      if (more === "closed" && !this.#output.stdout.includes(text)) {
        throw new Error(`The program ended without printing ${text}: ${this.#output.stdout}${this.#output.stderr}`);
      }
    }
  }

  /** Sends a signal to the program. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until the program has ended. */
  async ending(): Promise<Ending> {
    const [code, signal] = (await this.#closed) as [number | null, NodeJS.Signals | null];
    return { code, signal, ...this.#output };
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

/** @internal Runs a program until it ends. */
export async function runProgram(source: string, env?: NodeJS.ProcessEnv): Promise<Ending> {
  using program = new Program(source, env);
  return await program.ending();
}
