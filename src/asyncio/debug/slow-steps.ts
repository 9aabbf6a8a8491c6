// Finds steps that block every other task, and the line that blocks.
//
// A worker thread (slow-step-worker.ts) sends a message, a "knock", at regular intervals. The main thread answers when
// its event loop receives the knock: at once if it is idle, because a knock wakes it, but not while a step runs. So an
// idle loop and a blocked loop can be told apart; with a heartbeat timer they could not. The beginning of a wait and
// the end of a task are signs of life too, because a thousand short steps in one turn are not a long step. If there is
// no sign of life, the worker uses the inspector to pause the main thread, reads its call stack, and resumes it.
//
// The main thread itself measures how long the step took: the time between two signs of life, minus the idle time of
// the loop. Signs are numbered, so that the measured time and the call stack can be matched.

import type { MessagePort, Worker } from "node:worker_threads";
import { inspector, workerThreads } from "../../base/node.ts";
import {
  ambientExpression,
  callExceptionHandler,
  fullNameOf,
  outside,
  runtime,
  type Task,
  tasksIn,
} from "../core/index.ts";
import { answers, debugged, places, type Sighting, signs, type WatchData } from "./slow-step-protocol.ts";
import { isInner } from "./stacks.ts";
import type { Detector } from "./report.ts";

/** @internal Reports steps that take `duration` milliseconds or more. */
export function detectSlowSteps(duration: number): Detector {
  if (duration === Infinity) return { instrument: {} };
  const watch = outside(() => new Watch(duration));
  return {
    instrument: { wait: ({ scope }) => watch.sign(scope.task), exit: (task) => watch.sign(task) },
    stop: () => watch.stop(),
  };
}

// The expression that the worker evaluates in the paused main thread.
const askForTask = `(({ id, name }) => ({ id, name }))(${ambientExpression("runtime")}.storage.getStore().task)`;

const keptGaps = 16;

interface Gap {
  readonly ms: number;
  /** The task that gave the sign at the end of the gap; it may be done by now. */
  readonly task: Task<unknown> | undefined;
}

class Watch {
  readonly #duration: number;
  readonly #numbers: Int32Array = new Int32Array(new SharedArrayBuffer(4 * places));
  readonly #port: MessagePort;
  readonly #worker: Worker;
  /** The gaps that were too long, by the number of signs before each. */
  readonly #gaps: Map<number, Gap> = new Map();
  #last: number = performance.now();
  #idle: number = idleTime();

  constructor(duration: number) {
    this.#duration = duration;
    const { port1, port2 } = new (workerThreads().MessageChannel)();
    this.#port = port1;
    port1.on("message", (message: Sighting | null) => this.#receive(message));
    port1.unref();
    const workerData: WatchData = { numbers: this.#numbers, port: port2, duration, askForTask };
    this.#worker = new (workerThreads().Worker)(workerFile(), {
      workerData,
      transferList: [port2],
      name: "pottle slow steps",
      execArgv: [],
    });
    this.#worker.on("error", (error) => callExceptionHandler({ message: "The watch for slow steps failed", error }));
    this.#worker.unref();
  }

  sign(task?: Task<unknown>): void {
    const now = performance.now();
    const idle = idleTime();
    const ms = now - this.#last - (idle - this.#idle);
    this.#last = now;
    this.#idle = idle;
    const before = Atomics.add(this.#numbers, signs, 1);
    if (ms >= this.#duration) this.#keep(before, { ms, task });
  }

  #keep(sign: number, gap: Gap): void {
    this.#gaps.set(sign, gap);
    if (this.#gaps.size > keptGaps) this.#gaps.delete(this.#gaps.keys().next().value!);
  }

  // A knock is the message `null`.
  #receive(message: Sighting | null): void {
    if (message !== null) return this.#report(message);
    this.sign();
    Atomics.store(this.#numbers, debugged, inspector().url() === undefined ? 0 : 1);
    Atomics.add(this.#numbers, answers, 1);
  }

  #report({ sign, task: seen, frames }: Sighting): void {
    const gap = this.#gaps.get(sign);
    if (gap === undefined) return;
    this.#gaps.delete(sign);
    const task = seen === undefined ? undefined : findTask(seen.id, gap.task);
    const whose = seen === undefined ? "A step" : `A step of task ${task === undefined ? seen.name : fullNameOf(task)}`;
    const message = `${whose} took ${Math.round(gap.ms)} ms and blocked every other task; ${describePlace(frames)}`;
    callExceptionHandler(task === undefined ? { message } : { message, task });
  }

  async stop(): Promise<void> {
    this.#port.close();
    await this.#worker.terminate();
  }
}

// The search through all tasks is acceptable, because it happens only after a slow step.
function findTask(id: number, likely: Task<unknown> | undefined): Task<unknown> | undefined {
  if (likely?.id === id) return likely;
  for (const task of tasksIn(runtime.root)) if (task.id === id) return task;
  return undefined;
}

function idleTime(): number {
  return performance.nodeTiming.idleTime;
}

function describePlace(frames: readonly string[]): string {
  const [place, ...callers] = frames.filter((frame) => !isInner(frame));
  if (place === undefined) return "it was over before its line was seen";
  return `it was at ${place}${callers.map((caller) => `\n    called by ${caller}`).join("")}`;
}

function workerFile(): URL {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  return new URL(`./slow-step-worker${extension}`, import.meta.url);
}
