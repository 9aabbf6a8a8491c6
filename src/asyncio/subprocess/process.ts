// A process is a task of whoever started it, so that it ends with that scope: with the request, the group, the run. The
// task waits for the process to exit; when it is cancelled, it kills the process and waits until it is gone.

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

/** What a {@link Process} knows of itself. */
export interface ProcessStatistics {
  /** The process' number. */
  readonly pid: number;
  /** Its exit code; `undefined` while it runs. */
  readonly returncode: number | undefined;
  /** How many tasks wait for it to exit. */
  readonly waiting: number;
}

/**
 * A process that was started; made by {@link createSubprocessExec} or {@link createSubprocessShell}. It is killed when
 * the scope it was started in ends, at the latest.
 *
 * @see https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.subprocess.Process
 */
export class Process implements Resource, AsyncDisposable {
  readonly kind = "process";
  readonly name: string;
  /** The process' number. */
  readonly pid: number;
  /** What it reads, if that is a pipe. */
  readonly stdin: StreamWriter | undefined;
  /** What it writes, if that is a pipe. */
  readonly stdout: StreamReader | undefined;
  /** What it writes as errors, if that is a pipe. */
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
    // Its first step runs at once, so that from here on whatever ends the task ends the process.
    createTask(() => this.#run(), { name: `process ${name}`, eagerStart: true });
    hasStarted(this);
  }

  /** Its exit code; −N if signal N ended it; `undefined` while it runs. */
  get returncode(): number | undefined {
    return this.#returncode;
  }

  /**
   * Waits until it exits, and gives its exit code. A wait that is cancelled leaves the process alone.
   *
   * A process that writes more than its pipes hold waits for somebody to read: use `communicate()` then.
   */
  async wait(): Promise<number> {
    throwPending(currentScope());
    while (this.#returncode === undefined) await this.#waiters.wait(this);
    return this.#returncode;
  }

  /**
   * Writes `input` to its `stdin` and closes that, reads all it writes, and waits until it exits. Gives what it wrote to
   * `stdout` and to `stderr`; `undefined` for one that is no pipe. All of it is kept in memory.
   *
   * Cancelled, it kills the process. A process that exits without reading its input is no error.
   *
   * @throws {InvalidStateError} If there is input, and `stdin` is no pipe.
   * @example
   * const process = await createSubprocessExec("sort", [], { stdin: PIPE, stdout: PIPE });
   * const [stdout] = await process.communicate("b\na\n");
   * console.log(stdout?.toString()); // a, b
   */
  async communicate(input?: string | Uint8Array): Promise<[stdout: Buffer | undefined, stderr: Buffer | undefined]> {
    if (input !== undefined && this.stdin === undefined) {
      throw new InvalidStateError(`Cannot send input to process ${this.name} as its stdin is no pipe`);
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
   * Sends it a signal. Returns `false` if it has exited.
   *
   * @throws {TypeError} If there is no such signal.
   */
  sendSignal(signal: NodeJS.Signals | number): boolean {
    return this.#returncode === undefined && sendTo(this.#child, signal, this.#leadsGroup);
  }

  /** Asks it to end: sends SIGTERM. Returns `false` if it has exited. */
  terminate(): boolean {
    return this.sendSignal("SIGTERM");
  }

  /** Ends it: sends SIGKILL. Returns `false` if it has exited. */
  kill(): boolean {
    return this.sendSignal("SIGKILL");
  }

  /** Kills it if it runs, and closes its pipes. It does not wait: see `wait()`. */
  close(): void {
    this.kill();
    for (const pipe of this.#child.stdio) pipe?.destroy();
  }

  /** What it knows of itself. */
  statistics(): ProcessStatistics {
    // One of those who wait while it runs is its own task.
    return { pid: this.pid, returncode: this.#returncode, waiting: Math.max(0, this.#waiters.size - 1) };
  }

  /** Kills it if it runs, closes its pipes, and waits until it is gone. */
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
