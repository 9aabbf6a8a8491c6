import type { Park, Task, TaskReference } from "../../asyncio/index.ts";
import type { Lineage } from "./lineage.ts";

/** What a task did for a while: `run` includes waits for promises that are not Pottle's. */
export interface Span {
  readonly state: "run" | "wait" | "stop";
  /** In milliseconds of `performance.now()`. */
  readonly start: number;
  /** `undefined` while it lasts. */
  end: number | undefined;
  /** What was waited for. */
  readonly resource: string | undefined;
  /** Why it was asked to stop, or the error that it ended by. */
  why: string | undefined;
}

/** How a task ended; `open` while it has not. */
export type TrackOutcome = "open" | "done" | "failed" | "cancelled";

/** Shorter than this nothing is seen on a timeline of a minute, so it is not kept. In milliseconds. */
const resolution = 20;
const mostSpans = 200;

/** What one task did, as far back as it is kept. */
export class TaskTrack {
  readonly id: number;
  /** Whether that is a request. */
  readonly isOfRequest: boolean;
  /** How many tasks are between it and its root, itself included. */
  readonly depth: number;
  /** How it ended. */
  outcome: TrackOutcome = "open";
  /** Its spans, oldest first. */
  readonly spans: Span[] = [];
  // While it runs: a task gets its name after its making.
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

  /** Its name. */
  get name(): string {
    return this.#task?.name ?? this.#name;
  }

  /** The request that it belongs to, else its outermost owner; itself if that is it. */
  get root(): TaskReference {
    return { id: this.#rootId, name: this.#root?.name ?? this.#rootName };
  }

  /** When it was first seen. */
  get start(): number {
    return this.spans[0]!.start;
  }

  /** When it ended. */
  get end(): number | undefined {
    return this.outcome === "open" ? undefined : this.spans.at(-1)!.end;
  }

  /** A wait of it began. */
  wait(park: Park, now: number): void {
    this.#waits++;
    if (!this.#isStopping) this.#enter("wait", nameOf(park), now);
  }

  /** A wait of it ended. */
  wake(now: number): void {
    this.#waits = Math.max(0, this.#waits - 1);
    if (!this.#isStopping && this.#waits === 0) this.#enter("run", undefined, now);
  }

  /** It was asked to stop. */
  stop(now: number, why: string): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#enter("stop", undefined, now);
    this.spans.at(-1)!.why = why;
  }

  /** It has ended. */
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

  // A span too short to be seen is taken for part of the one before it, and one that goes on as before for the same.
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
