// Child processes of the tools. Each leads a process group of its own, so that ending it ends whatever it
// started, also when the tool itself is interrupted.

import { spawn, type ChildProcess } from "node:child_process";

/** How `runProcess` and `startProcess` start a program. */
export interface ProcessOptions {
  /**
   * The folder it runs in.
   *
   * @default process.cwd()
   */
  readonly cwd?: string;
  /** Environment variables set on top of ours; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Milliseconds after which it is killed.
   *
   * @default Infinity
   */
  readonly limit?: number;
}

/** How a program ended. */
export interface Outcome {
  /** Its exit code; null if a signal ended it. */
  readonly code: number | null;
  /** All that it printed, standard output and errors in the order of arrival. */
  readonly output: string;
  /** How long it ran, in milliseconds. */
  readonly ms: number;
  /** Whether it was killed because its time limit ran out. */
  readonly timedOut: boolean;
}

/** A program that was started and may still be running. */
export interface RunningProcess {
  /** How it ended; never rejects for an exit code. */
  readonly ended: Promise<Outcome>;
  /** All that it has printed so far. */
  output(): string;
  /** Resolves as soon as the output matches; rejects when it ends without. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Sends a signal to the program itself. */
  signal(signal: NodeJS.Signals): void;
  /** Kills it with everything that it started. Does nothing once it has ended. */
  kill(): void;
}

const running = new Set<RunningProcess>();

/** Starts a program and collects what it prints. Whoever starts it sees to it that it ends. */
export function startProcess(program: string, args: readonly string[], options: ProcessOptions = {}): RunningProcess {
  const start = performance.now();
  const child = spawn(program, [...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const output = new Output(child);
  let timedOut = false;
  const timer = limitTimer(options.limit ?? Infinity, () => {
    timedOut = true;
    handle.kill();
  });
  const ended = exitOf(child)
    .then((code) => ({ code, output: output.text, ms: performance.now() - start, timedOut }))
    .finally(() => {
      clearTimeout(timer);
      release(handle);
    });
  const handle: RunningProcess = {
    ended,
    output: () => output.text,
    printed: (pattern) => output.matched(pattern),
    signal: (signal) => void child.kill(signal),
    kill: () => killGroup(child),
  };
  hold(handle);
  return handle;
}

/** Runs a program to its end. */
export function runProcess(program: string, args: readonly string[], options: ProcessOptions = {}): Promise<Outcome> {
  return startProcess(program, args, options).ended;
}

/** What a child has printed so far, and who waits for more of it. */
class Output {
  text = "";
  #waiters = new Set<() => void>();
  #closed = false;

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (part: string) => {
        this.text += part;
        this.#notify();
      });
    }
    child.once("close", () => {
      this.#closed = true;
      this.#notify();
    });
  }

  matched(pattern: RegExp): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = this.text.match(pattern);
        if (match === null && !this.#closed) return;
        this.#waiters.delete(look);
        if (match) resolve(match);
        else reject(new Error(`Cannot find ${pattern} as the program has ended: it printed\n${this.text}`));
      };
      this.#waiters.add(look);
      look();
    });
  }

  #notify(): void {
    for (const look of this.#waiters) look();
  }
}

function limitTimer(ms: number, onLimit: () => void): NodeJS.Timeout | undefined {
  return ms === Infinity ? undefined : setTimeout(onLimit, ms);
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
}

/** The group goes by the child's id; it may be alive although the child itself has ended. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function hold(handle: RunningProcess): void {
  if (running.size === 0) for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, endAll);
  running.add(handle);
}

function release(handle: RunningProcess): void {
  running.delete(handle);
  if (running.size === 0) for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, endAll);
}

function endAll(signal: NodeJS.Signals): void {
  for (const handle of running) handle.kill();
  process.exit(signal === "SIGINT" ? 130 : 143);
}
