import { type ChildProcessByStdio, spawn } from "node:child_process";
import { extname } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { outside, park } from "../../../asyncio/index.ts";
import type { ServerCommand, SupervisorReport } from "./_supervisor.ts";
import { plainEnvironment } from "./run-program.ts";

/**
 * @internal The supervisor process, as seen by the program that starts it. The supervisor stops the server when no
 * program uses it any more.
 */
export class Supervisor {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<void>;
  #hasEnded = false;

  /** Starts the supervisor, which starts the server. */
  constructor(command: ServerCommand, token: string) {
    this.#child = outside(start, command, token);
    this.#child.stdin.on("error", () => {}); // it has ended, which `exit` reports too
    this.#ended = outside(() => this.#watch());
  }

  /** Whether the server has ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Waits until the server has been started.
   *
   * @returns `undefined` if the server ended at once.
   */
  report(): Promise<SupervisorReport | undefined> {
    return park<SupervisorReport | undefined>({ kind: "process", name: "postgres" }, (wait) => {
      this.#child.stdout.once("data", (line: Buffer) => {
        wait.wake(JSON.parse(line.toString()) as SupervisorReport);
      });
      void this.#ended.then(() => wait.wake(undefined));
    });
  }

  #watch(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#hasEnded = true;
        resolve();
      };
      this.#child.once("error", end).once("exit", end);
    });
  }

  /** Closes standard input: from now on, lifelines keep the supervisor running. */
  letGo(): void {
    this.#child.unref();
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
  }

  /**
   * Stops the server, which no program uses yet, and waits for its end. This cannot be cancelled, but has a time limit
   * of its own.
   */
  async stop(): Promise<void> {
    this.#child.stdin.destroy();
    await this.#ended;
  }
}

function start(command: ServerCommand, token: string): ChildProcessByStdio<Writable, Readable, null> {
  const script = fileURLToPath(new URL(`./_supervisor${extname(import.meta.url)}`, import.meta.url));
  return spawn(process.execPath, [script, JSON.stringify(command)], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...plainEnvironment(), POTTLE_SUPERVISOR_TOKEN: token },
    detached: true, // so that Ctrl+C at the terminal does not reach it
  });
}
