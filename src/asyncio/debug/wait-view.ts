import { jobOf, joinNames, type Park, type Resource, type Task } from "../core/index.ts";
import { describeAwaited } from "./describe-wait.ts";
import { waitStack } from "./wait-stacks.ts";

/** A task, by its number and name. */
export interface TaskReference {
  readonly id: number;
  readonly name: string;
  /** Its name after that of its request or job, where that is another one: `GET /deadlock › first`. */
  readonly fullName?: string;
}

/** A wait at one moment. */
export interface WaitView {
  /** The resource, in words: `Lock db`, `sleep`, `gather of a, b`. */
  readonly resource: string;
  /** The time since it began, in milliseconds. */
  readonly ms: number;
  /** The time after which it ends by itself, in milliseconds, if it does. */
  readonly dueIn: number | undefined;
  /** The task that holds the resource. */
  readonly heldBy: TaskReference | undefined;
  /** The line that waits; only in debug mode. */
  readonly line: string | undefined;
  /** Of a wait for capacity, such as permits or connections: how much is taken, and by which tasks. */
  readonly capacity?: CapacityView;
  /** The calls that led to it, innermost first: with the option `stacks`, in debug mode. */
  readonly callStack?: readonly string[];
}

/** Capacity that is waited for at one moment. */
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

/** @internal What all waits of one view have in common. */
export interface WaitViewSettings {
  /** The moment, on the runtime's clock. */
  readonly now: number;
  /** How often each resource is waited for. */
  readonly counts: ReadonlyMap<Resource, number>;
  /** Whether call stacks are shown. */
  readonly stacks: boolean;
}

/** @internal Puts waits into plain data. What several have in common is found once. */
export class WaitViews {
  readonly #settings: WaitViewSettings;
  readonly #capacities: Map<Resource, CapacityView> = new Map();
  readonly #jobs: Map<Task<unknown>, Task<unknown> | undefined> = new Map();

  constructor(settings: WaitViewSettings) {
    this.#settings = settings;
  }

  /** A wait as it is at this moment. */
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

  /** A task by its number and names. */
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
