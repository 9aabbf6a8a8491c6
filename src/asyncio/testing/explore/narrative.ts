import { describeResource, type Instrument, isCancelled, type Park, runtime, Task } from "../../core/index.ts";
import type { ExploredTime } from "./explored-time.ts";
import type { ScheduleListener } from "./explored-schedule.ts";

/** @internal One event of a run. */
export interface Step {
  /** The event, in words. */
  readonly text: string;
  /** Whether it is a deviation from the usual order. */
  readonly isDeviation: boolean;
}

/** @internal Describes a run in words. */
export class Narrative implements Instrument, ScheduleListener {
  /** The events, in order. */
  readonly steps: Step[] = [];
  readonly #time: ExploredTime;
  readonly #names: Map<Task<unknown>, string> = new Map();
  readonly #counts: Map<string, number> = new Map();
  #now = 0;

  constructor(time: ExploredTime) {
    this.#time = time;
  }

  spawn(task: Task<unknown>): void {
    const creator = runtime.storage.getStore()?.task;
    if (creator !== undefined && task.id > 1) this.#tell(`${this.#nameOf(creator)} creates task ${this.#nameOf(task)}`);
  }

  wait(park: Park): void {
    const { task } = park.scope;
    if (task !== undefined) this.#tell(`${this.#nameOf(task)} waits for ${this.#describe(park)}`);
  }

  exit(task: Task<unknown>): void {
    if (task.cancelled()) this.#tell(`${this.#nameOf(task)} ends: it was cancelled`);
    else this.#tell(`${this.#nameOf(task)} ${task.failed ? `fails: ${describeError(task.outcome)}` : "ends"}`);
  }

  starts(task: Task<unknown> | undefined): void {
    if (task !== undefined) this.#tell(`${this.#nameOf(task)} starts`);
  }

  resumes(task: Task<unknown> | undefined): void {
    if (task !== undefined) this.#tell(`${this.#nameOf(task)} goes on`);
  }

  deviates(task: Task<unknown> | undefined, what: string): void {
    this.#add(`${task === undefined ? "code outside any task" : this.#nameOf(task)} ${what}`, true);
  }

  #tell(text: string): void {
    this.#add(text, false);
  }

  // Tasks with the same name are numbered: "GET /", "GET / #2".
  #nameOf(task: Task<unknown>): string {
    let name = this.#names.get(task);
    if (name !== undefined) return name;
    const count = (this.#counts.get(task.name) ?? 0) + 1;
    this.#counts.set(task.name, count);
    name = count === 1 ? task.name : `${task.name} #${count}`;
    this.#names.set(task, name);
    return name;
  }

  #describe({ resource }: Park): string {
    return resource instanceof Task ? `task ${this.#nameOf(resource)}` : describeResource(resource);
  }

  #add(text: string, isDeviation: boolean): void {
    const now = this.#time.now();
    if (now !== this.#now) this.steps.push({ text: `${now - this.#now} ms pass`, isDeviation: false });
    this.#now = now;
    this.steps.push({ text, isDeviation });
  }
}

const longestError = 160;

/** @internal The text of an error, in one line. */
export function describeError(error: unknown): string {
  if (isCancelled(error)) return "cancelled";
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= longestError ? line : `${line.slice(0, longestError)}…`;
}

// How many steps are shown before and after each deviation, and at the end.
const around = 6;

/** @internal The relevant steps as numbered lines; steps far from any deviation are left out. */
export function showSteps(steps: readonly Step[], most = 60): string[] {
  const shown = pickSteps(steps, most);
  const width = String(steps.length).length;
  const lines: string[] = [];
  for (const [place, index] of shown.entries()) {
    if (index > (shown[place - 1] ?? -1) + 1) lines.push("   ...");
    const { text, isDeviation } = steps[index]!;
    lines.push(`${isDeviation ? " → " : "   "}${String(index + 1).padStart(width)}. ${text}`);
  }
  return lines;
}

function pickSteps(steps: readonly Step[], most: number): number[] {
  const all = steps.map((_, index) => index);
  if (all.length <= most) return all;
  const picked = new Set(all.slice(-2 * around));
  const deviations = all.filter((index) => steps[index]!.isDeviation);
  for (const index of deviations.slice(-Math.ceil(most / around)))
    for (const near of all.slice(Math.max(index - around, 0), index + around + 1)) picked.add(near);
  return [...picked].sort((one, other) => one - other);
}
