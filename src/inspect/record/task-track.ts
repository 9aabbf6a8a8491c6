import type { Park, Task, TaskReference } from "../../asyncio/index.ts";
import type { Lineage } from "./lineage.ts";

/** A period in which a task did the same. The state `run` includes waits for promises of other code. */
export interface Span {
  readonly state: "run" | "wait" | "stop";
  /** The beginning, in milliseconds of `performance.now()`. */
  readonly start: number;
  /** The end; `undefined` while the span lasts. */
  end: number | undefined;
  /** The resource that the task waited for. */
  readonly resource: string | undefined;
  /** The reason of the cancellation, or the error that the task ended with. */
  why: string | undefined;
}

/** How a task ended; `open` if it has not ended. */
export type TrackOutcome = "open" | "done" | "failed" | "cancelled";

/**
 * The minimum length of a span, in milliseconds. Shorter spans could not be seen on a timeline of one minute, so they
 * are not kept.
 */
const resolution = 20;
const mostSpans = 200;

/** The recorded spans of one task. */
export class TaskTrack {
  readonly id: number;
  /** Whether `root` is a request. */
  readonly isOfRequest: boolean;
  /** How many levels of ownership the task is below its root; 0 for the root itself. */
  readonly depth: number;
  /** How the task ended. */
  outcome: TrackOutcome = "open";
  /** The task's spans, the oldest first. */
  readonly spans: Span[] = [];
  // Kept while the task runs, because a task may get its name after its creation.
  #task: Task<unknown> | undefined;
  #root: Task<unknown> | undefined;
  #name = "";
  #rootName = "";
  readonly #rootId: number;
  #waits: number;
  #isStopping = false;

  constructor(task: Task<unknown>, { root, depth }: Lineage, now: number) {
    this.id = task.id;
    this.#task = task;
    this.#root = root;
    this.#rootId = root.id;
    this.isOfRequest = root.role === "request";
    this.depth = depth;
    const waits = task.waits;
    this.#waits = waits.length;
    const [first] = waits;
    if (first === undefined) this.#enter("run", undefined, now);
    else this.#enter("wait", nameOf(first), Math.min(first.since, now));
  }

  /** The task's name. */
  get name(): string {
    return this.#task?.name ?? this.#name;
  }

  /** The request that the task belongs to, else its outermost owner; the task itself if it is one of these. */
  get root(): TaskReference {
    return { id: this.#rootId, name: this.#root?.name ?? this.#rootName };
  }

  /** The time when the task was first seen. */
  get start(): number {
    return this.spans[0]!.start;
  }

  /** The time when the task ended. */
  get end(): number | undefined {
    return this.outcome === "open" ? undefined : this.spans.at(-1)!.end;
  }

  /** Called when a wait of the task began. */
  wait(park: Park, now: number): void {
    this.#waits++;
    if (!this.#isStopping) this.#enter("wait", nameOf(park), now);
  }

  /** Called when a wait of the task ended. */
  wake(now: number): void {
    this.#waits = Math.max(0, this.#waits - 1);
    if (!this.#isStopping && this.#waits === 0) this.#enter("run", undefined, now);
  }

  /** Called when the task was cancelled. */
  stop(now: number, why: string): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#enter("stop", undefined, now);
    this.spans.at(-1)!.why = why;
  }

  /** Called when the task has ended. */
  finish(outcome: TrackOutcome, now: number, why?: string): void {
    this.outcome = outcome;
    [this.#name, this.#rootName] = [this.name, this.root.name];
    this.#task = this.#root = undefined;
    const last = this.spans.at(-1)!;
    if (outcome === "done" && this.spans.length > 1 && now - last.start < resolution) this.spans.pop();
    const end = this.spans.at(-1)!;
    end.end = now;
    end.why = why ?? end.why;
  }

  // Begins a new span. If the last span was too short to be seen, it becomes part of the one before it; if the state is
  // the same as before, the old span continues.
  #enter(state: Span["state"], resource: string | undefined, now: number): void {
    const last = this.spans.at(-1);
    if (last !== undefined && state !== "stop") {
      if (last.state === state && last.resource === resource) last.end = undefined;
      else if (now - last.start < resolution && this.spans.length > 1)
        return this.#replace(state, resource, last.start);
      else this.#push(state, resource, now);
    } else this.#push(state, resource, now);
  }

  #replace(state: Span["state"], resource: string | undefined, start: number): void {
    this.spans.pop();
    const before = this.spans.at(-1);
    if (before?.state === state && before.resource === resource) before.end = undefined;
    else this.#push(state, resource, start);
  }

  #push(state: Span["state"], resource: string | undefined, start: number): void {
    const last = this.spans.at(-1);
    if (last !== undefined) last.end = start;
    this.spans.push({ state, start, end: undefined, resource, why: undefined });
    if (this.spans.length > mostSpans) this.spans.splice(0, mostSpans / 4);
  }
}

function nameOf({ resource }: Park): string {
  const { combinator } = resource as Partial<Task<unknown>>;
  if (combinator !== undefined) return combinator;
  return resource.name === undefined || resource.name === "" ? resource.kind : `${resource.kind} ${resource.name}`;
}
