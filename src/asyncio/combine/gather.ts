import {
  Awaitable,
  type AwaitableInput,
  type CancelledError,
  cancellationOf,
  createTask,
  currentScope,
  ignoreCancel,
  makeCancellation,
  nextTurn,
  type OutputOf,
  Park,
  requireInput,
  type Resource,
  Task,
  toAwaitable,
  waitAmong,
} from "../core/index.ts";

/** Options of {@link gather}. */
export interface GatherOptions {
  /** Whether an error is returned among the results instead of cancelling the other tasks. @default false */
  readonly returnExceptions?: boolean;
}

/** The results of {@link gather}, in the order of its arguments. */
export type Gathered<A extends readonly unknown[]> = { -readonly [K in keyof A]: OutputOf<A[K]> };

/** The results of {@link gather} with `returnExceptions`: each is a value or an error. */
export type GatheredOrError<A extends readonly unknown[]> = { -readonly [K in keyof A]: OutputOf<A[K]> | Error };

type Inputs = readonly AwaitableInput<unknown>[];

/**
 * Runs functions as concurrent tasks, waits for them and for other tasks and promises, and returns the results in the
 * order of the arguments. If one fails, the others are cancelled and awaited, and the first error is thrown; in
 * asyncio, the others would continue. Each function runs once for each time it is passed; a task that is passed twice
 * is the same task. Cancelling the returned task cancels all children. If there are thousands of functions, they are
 * started in batches of a thousand, one batch in each turn of the event loop.
 *
 * @returns A task with the results. Its `cancel()` returns `false` as soon as all its children are done.
 * @throws {TypeError} From the returned task, if an argument is not a function, task or promise; nothing is started
 * then.
 * @example
 * const [tea, toast] = await gather(() => sleep(20, "tea"), () => sleep(10, "toast"));
 * const all = await gather([1, 2, 3].map((n) => () => sleep(10, n * n))); // [1, 4, 9]
 * const some = await gather([() => sleep(5, "fine"), () => abort()], { returnExceptions: true });
 * function abort(): never {
 *   throw new Error("not fine");
 * }
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
 */
export function gather<const A extends Inputs>(...awaitables: A): Task<Gathered<A>>;
/** Runs a list of functions as concurrent tasks, and returns the results in the order of the list. */
export function gather<const A extends Inputs>(
  awaitables: A,
  options?: { readonly returnExceptions?: false },
): Task<Gathered<A>>;
/**
 * Runs a list of functions as concurrent tasks, and returns the results in the order of the list. An error is returned in
 * the place of its result, and the others continue.
 */
export function gather<const A extends Inputs>(
  awaitables: A,
  options: { readonly returnExceptions: true },
): Task<GatheredOrError<A>>;
/** Runs a list of functions as concurrent tasks. `returnExceptions` says whether errors are returned or thrown. */
export function gather<const A extends Inputs>(awaitables: A, options: GatherOptions): Task<GatheredOrError<A>>;
export function gather(...args: unknown[]): Task<unknown[]> {
  const isList = Array.isArray(args[0]);
  const inputs = (isList ? args[0] : args) as Inputs;
  const options = (isList ? args[1] : undefined) as GatherOptions | undefined;
  const task = new GatherTask({ ownsTasks: true }, "gather");
  task.gathering = new Gathering(task, options?.returnExceptions === true);
  task.start(() => task.gathering.collect(inputs), true);
  return task;
}

// A cancellation that comes when every child is done is refused, because all results are there.
class GatherTask extends Task<unknown[]> {
  gathering!: Gathering;

  override cancel(reason?: unknown): boolean {
    return !this.gathering.isOver && super.cancel(reason);
  }

  override cancelBecause(cause: CancelledError): boolean {
    return !this.gathering.isOver && super.cancelBecause(cause);
  }
}

const noOptions = {};

// How many children are started in one turn. The next batch is started a turn later, when the first children may
// already be done and garbage. A hundred thousand live children at once would take longer to garbage-collect than to
// run, and I/O would be blocked until the last one was started.
const batchSize = 1_024;

// Children that are started together, and the promises of their results.
interface Batch {
  readonly children: Awaitable<unknown>[];
  readonly promises: Promise<unknown>[];
}

class Gathering implements Resource {
  readonly kind = "gather";
  readonly #task: Task<unknown[]>;
  readonly #returnExceptions: boolean;
  #inputs: Inputs = [];
  #started = 0;
  // The batches that may have running children.
  readonly #batches: Set<Batch> = new Set();
  #results: unknown[] = [];
  #later: Promise<unknown> | undefined;
  #isStopped = false;

  constructor(task: Task<unknown[]>, returnExceptions: boolean) {
    this.#task = task;
    this.#returnExceptions = returnExceptions;
  }

  /** Whether every child is done, even if some results have not been processed yet. */
  get isOver(): boolean {
    const { length } = this.#inputs;
    return length > 0 && this.#started === length && this.#children.every((child) => child.done());
  }

  get name(): string {
    return `of ${this.#inputs.length}`;
  }

  get #children(): Awaitable<unknown>[] {
    return [...this.#batches].flatMap((batch) => batch.children);
  }

  async collect(inputs: Inputs): Promise<unknown[]> {
    for (const input of inputs) requireInput(input, "gather");
    this.#inputs = inputs;
    if (inputs.length === 0) return [];
    const park = new Park<void>(currentScope(), this, (error) => this.#cancelAll(error));
    try {
      await this.#gather();
      this.#throwIfCancelled();
      return this.#results;
    } catch (error) {
      await this.#stopOthers(error);
      throw error;
    } finally {
      park.end();
    }
  }

  // Not `async`: that would add a frame to the stack trace of an error, and V8 shows only ten.
  #gather(): Promise<unknown> {
    const done = this.#finish(this.#started, this.#startBatch());
    if (this.#started === this.#inputs.length) return done;
    const later = this.#gatherLater();
    this.#later ??= later;
    return Promise.all([done, later]);
  }

  async #gatherLater(): Promise<void> {
    await nextTurn();
    if (!this.#isStopped) await this.#gather();
  }

  #startBatch(): Batch {
    const batch: Batch = { children: [], promises: [] };
    this.#batches.add(batch);
    const end = Math.min(this.#started + batchSize, this.#inputs.length);
    for (; this.#started < end; this.#started++) this.#start(this.#inputs[this.#started]!, batch);
    return batch;
  }

  // If an error will be thrown, the body's own promise is awaited, so that V8's async stack traces lead to the code
  // that awaits the `gather`.
  #start(input: AwaitableInput<unknown>, { children, promises }: Batch): void {
    const isLinked = typeof input === "function" && !this.#returnExceptions;
    const child = isLinked ? new Task<unknown>(noOptions) : this.#toAwaitable(input);
    children.push(child);
    promises.push(isLinked ? (child as Task<unknown>).startLinked(input, this.#started) : child);
  }

  #toAwaitable(input: AwaitableInput<unknown>): Awaitable<unknown> {
    const name = `gather[${this.#started}]`;
    return typeof input === "function" && input.name === ""
      ? createTask(input, { name })
      : toAwaitable(input, "gather");
  }

  async #finish(start: number, batch: Batch): Promise<void> {
    const results = await (this.#returnExceptions ? this.#settleAll(batch) : Promise.all(batch.promises));
    this.#batches.delete(batch);
    if (results.length === this.#inputs.length) this.#results = results;
    else for (let i = 0; i < results.length; i++) this.#results[start + i] = results[i];
  }

  // No error is thrown here, so no stack trace must be kept. Watching the children is then enough, and cheaper than a
  // promise for each.
  async #settleAll({ children }: Batch): Promise<unknown[]> {
    const running = children.filter((child) => !child.done());
    let left = running.length;
    if (left > 0) {
      await waitAmong<void>(running, this, Infinity, (_, park) => void (--left === 0 && park.wake()), ignoreCancel);
    }
    for (const child of children) child.markObserved();
    return children.map((child) => child.outcome);
  }

  // A cancellation of the `gather` counts even if every child swallowed it.
  #throwIfCancelled(): void {
    const { requests, error } = this.#task.scope;
    if (requests > 0 && error !== undefined) throw error;
  }

  async #stopOthers(error: unknown): Promise<void> {
    // The same request is used for all, because a child that already has it is not cancelled again: that would
    // interrupt its clean-up.
    const request = cancellationOf(error) ?? makeCancellation(error);
    this.#isStopped = true;
    const running = [...this.#batches].flatMap(({ children, promises }) =>
      promises.filter((_, index) => !children[index]!.done()),
    );
    for (const child of new Set([...this.#children, ...this.#unstarted])) {
      child.markObserved();
      child.cancelBecause(request);
    }
    const others = [...running, ...this.#unstarted];
    if (this.#later !== undefined) others.push(this.#later);
    if (others.length > 0) await Promise.allSettled(others);
  }

  // The tasks among the inputs that have not been processed yet. They were running before the `gather`, so they must be
  // cancelled too.
  get #unstarted(): Awaitable<unknown>[] {
    return this.#inputs.slice(this.#started).filter((input) => input instanceof Awaitable);
  }

  #cancelAll(error: CancelledError): boolean {
    let heard = false;
    for (const child of [...this.#children, ...this.#unstarted]) heard = child.cancelBecause(error) || heard;
    return heard;
  }
}
