// Each process has a task, which belongs to the scope that started the process: a group, a request, or the run. So the
// process ends with that scope. The task waits for the process to exit; when the task is cancelled, it kills the
// process and waits until the process is gone.

import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Socket } from "node:net";
import {
  callExceptionHandler,
  createTask,
  currentScope,
  InvalidStateError,
  type Resource,
  throwPending,
  WaitQueue,
  uncancellable,
} from "../core/index.ts";
import { feed } from "../streams/_feed.ts";
import { ConnectionResetError } from "../streams/errors.ts";
import { StreamReader } from "../streams/stream-reader.ts";
import { StreamWriter } from "../streams/stream-writer.ts";
import { hasExited, hasStarted, sendTo } from "./_running.ts";

/** Current state of a {@link Process}, for monitoring. */
export interface ProcessStatistics {
  /** The process ID. */
  readonly pid: number;
  /** The exit code, or `undefined` while the process runs. */
  readonly returncode: number | undefined;
  /** How many tasks wait for the process to exit. */
  readonly waiting: number;
}

/**
 * A running or finished process; made by {@link createSubprocessExec} or {@link createSubprocessShell}. It is killed at
 * the latest when the scope in which it was started ends.
 *
 * @see https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.subprocess.Process
 */
export class Process implements Resource, AsyncDisposable {
  readonly kind = "process";
  readonly name: string;
  /** The process ID. */
  readonly pid: number;
  /** The process's standard input, if that is a pipe. */
  readonly stdin: StreamWriter | undefined;
  /** The process's standard output, if that is a pipe. */
  readonly stdout: StreamReader | undefined;
  /** The process's standard error, if that is a pipe. */
  readonly stderr: StreamReader | undefined;
  readonly #child: ChildProcess;
  readonly #leadsGroup: boolean;
  readonly #waiters = new WaitQueue();
  #returncode: number | undefined;

  /** @internal Use {@link createSubprocessExec} or {@link createSubprocessShell}. */
  constructor(child: ChildProcess, name: string, limit: number | undefined, leadsGroup: boolean) {
    this.#child = child;
    this.name = name;
    this.pid = child.pid!;
    this.#leadsGroup = leadsGroup;
    this.stdin = child.stdin === null ? undefined : new StreamWriter(child.stdin, `stdin of ${name}`);
    this.stdout = readerOf(child.stdout as Socket | null, `stdout of ${name}`, limit);
    this.stderr = readerOf(child.stderr as Socket | null, `stderr of ${name}`, limit);
    child.once("exit", (code, signal) => this.#exited(code ?? -constants.signals[signal!]));
    child.on("error", (error) => callExceptionHandler({ message: `A signal did not reach process ${name}`, error }));
    // The first step runs at once, because a task that is cancelled before its first step would not kill the process.
    createTask(() => this.#run(), { name: `process ${name}`, eagerStart: true });
    hasStarted(this);
  }

  /** The exit code; −N if signal N ended the process; `undefined` while it runs. */
  get returncode(): number | undefined {
    return this.#returncode;
  }

  /**
   * Waits until the process exits, and returns its exit code. Cancelling this wait does not affect the process.
   *
   * A process that writes more than its pipes can hold blocks until they are read, and does not exit: use
   * `communicate()` for such a process.
   */
  async wait(): Promise<number> {
    throwPending(currentScope());
    while (this.#returncode === undefined) await this.#waiters.wait(this);
    return this.#returncode;
  }

  /**
   * Writes `input` to the process's `stdin`, closes `stdin`, reads all output, and waits until the process exits.
   * Returns what the process wrote to `stdout` and `stderr`, or `undefined` for each that is not a pipe. All output is
   * kept in memory.
   *
   * Cancelling this call kills the process. It is not an error if the process exits without reading its input.
   *
   * @throws {InvalidStateError} If there is input, and `stdin` is not a pipe.
   * @example
   * const process = await createSubprocessExec("sort", [], { stdin: PIPE, stdout: PIPE });
   * const [stdout] = await process.communicate("b\na\n");
   * console.log(stdout?.toString()); // a, b
   */
  async communicate(input?: string | Uint8Array): Promise<[stdout: Buffer | undefined, stderr: Buffer | undefined]> {
    if (input !== undefined && this.stdin === undefined) {
      throw new InvalidStateError(`Cannot send input to process ${this.name} as its stdin is not a pipe`);
    }
    try {
      const [stdout, stderr] = await Promise.all([
        this.stdout?.read(),
        this.stderr?.read(),
        this.#send(input),
        this.wait(),
      ]);
      return [stdout, stderr];
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  async #send(input: string | Uint8Array | undefined): Promise<void> {
    if (this.stdin === undefined) return;
    try {
      if (input !== undefined) this.stdin.write(input);
      await this.stdin.drain();
    } catch (error) {
      if (!(error instanceof ConnectionResetError)) throw error;
    }
    this.stdin.close();
  }

  /**
   * Sends `signal` to the process. Returns `false` if the process has exited.
   *
   * @throws {TypeError} If there is no such signal.
   */
  sendSignal(signal: NodeJS.Signals | number): boolean {
    return this.#returncode === undefined && sendTo(this.#child, signal, this.#leadsGroup);
  }

  /** Asks the process to end: sends SIGTERM. Returns `false` if the process has exited. */
  terminate(): boolean {
    return this.sendSignal("SIGTERM");
  }

  /** Ends the process: sends SIGKILL. Returns `false` if the process has exited. */
  kill(): boolean {
    return this.sendSignal("SIGKILL");
  }

  /** Kills the process if it runs, and closes its pipes. Does not wait for the exit: see `wait()`. */
  close(): void {
    this.kill();
    for (const pipe of this.#child.stdio) pipe?.destroy();
  }

  /** Current state, for monitoring. */
  statistics(): ProcessStatistics {
    // While the process runs, its own task is one of the waiters; that one is not counted.
    return { pid: this.pid, returncode: this.#returncode, waiting: Math.max(0, this.#waiters.size - 1) };
  }

  /** Kills the process if it runs, closes its pipes, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #end(): Promise<void> {
    this.close();
    await uncancellable(() => this.wait());
  }

  async #run(): Promise<void> {
    try {
      await this.wait();
    } finally {
      if (this.#returncode === undefined) await this.#end();
    }
  }

  #exited(returncode: number): void {
    this.#returncode = returncode;
    hasExited(this);
    this.#waiters.serveAll();
  }
}

function readerOf(pipe: Socket | null, name: string, limit: number | undefined): StreamReader | undefined {
  if (pipe === null) return undefined;
  const reader = new StreamReader({ name, ...(limit === undefined ? {} : { limit }) });
  feed(pipe, reader);
  return reader;
}
