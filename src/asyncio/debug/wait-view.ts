import { jobOf, joinNames, type Park, type Resource, type Task } from "../core/index.ts";
import { describeAwaited } from "./describe-wait.ts";
import { waitStack } from "./wait-stacks.ts";

/** A reference to a task: its number and name. */
export interface TaskReference {
  readonly id: number;
  readonly name: string;
  /**
   * The name of its request or job, followed by its own name: `GET /deadlock › first`. Missing if the task is the
   * request or job itself.
   */
  readonly fullName?: string;
}

/** A wait at one moment. */
export interface WaitView {
  /** The resource, in words: `Lock db`, `sleep`, `gather of a, b`. */
  readonly resource: string;
  /** The time since the wait began, in milliseconds. */
  readonly ms: number;
  /** The time until the wait ends by itself, in milliseconds, if it does. */
  readonly dueIn: number | undefined;
  /** The task that holds the resource. */
  readonly heldBy: TaskReference | undefined;
  /** The source line of the wait; only in debug mode. */
  readonly line: string | undefined;
  /** For a wait for capacity, such as permits or connections: how much is taken, and by which tasks. */
  readonly capacity?: CapacityView;
  /** The call stack of the wait, the innermost call first; with the option `stacks`, in debug mode. */
  readonly callStack?: readonly string[];
}

/** A capacity that tasks wait for, at one moment. */
export interface CapacityView {
  /** How much of it is in use, in words: `2 of 2 taken`. */
  readonly usage: string | undefined;
  /** The first of the tasks that hold parts of it. */
  readonly holders: readonly TaskReference[];
  /** The number of tasks that hold parts of it. */
  readonly held: number;
  /** The number of waits for it. */
  readonly waiting: number;
}

const holdersShown = 5;

/** @internal The settings that all waits of one snapshot share. */
export interface WaitViewSettings {
  /** The time of the snapshot, on the runtime's clock. */
  readonly now: number;
  /** The number of waits for each resource. */
  readonly counts: ReadonlyMap<Resource, number>;
  /** Whether to include call stacks. */
  readonly stacks: boolean;
}

/** @internal Converts waits to plain data. Data that several waits share is computed once. */
export class WaitViews {
  readonly #settings: WaitViewSettings;
  readonly #capacities: Map<Resource, CapacityView> = new Map();
  readonly #jobs: Map<Task<unknown>, Task<unknown> | undefined> = new Map();

  constructor(settings: WaitViewSettings) {
    this.#settings = settings;
  }

  /** Converts a wait to plain data. */
  wait(park: Park): WaitView {
    const { now, stacks } = this.#settings;
    const { resource, timer, since } = park;
    const holder = resource.holder?.();
    const callStack = waitStack(park);
    return {
      resource: describeAwaited(park),
      ms: now - since,
      dueIn: timer === undefined ? undefined : timer.when - now,
      heldBy: holder === undefined ? undefined : this.reference(holder),
      line: callStack?.[0],
      ...(resource.holders === undefined ? {} : { capacity: this.#capacity(resource) }),
      ...(stacks && callStack !== undefined ? { callStack } : {}),
    };
  }

  /** Makes a reference to a task. */
  reference(task: Task<unknown>): TaskReference {
    const { id, name } = task;
    const fullName = joinNames(jobOf(task, this.#jobs), task);
    return fullName === name ? { id, name } : { id, name, fullName };
  }

  #capacity(resource: Resource): CapacityView {
    let view = this.#capacities.get(resource);
    if (view === undefined) this.#capacities.set(resource, (view = this.#viewCapacity(resource)));
    return view;
  }

  #viewCapacity(resource: Resource): CapacityView {
    const holders = [...resource.holders!()];
    return {
      usage: resource.usage?.(),
      holders: holders.slice(0, holdersShown).map((task) => this.reference(task)),
      held: holders.length,
      waiting: this.#settings.counts.get(resource) ?? 0,
    };
  }
}
