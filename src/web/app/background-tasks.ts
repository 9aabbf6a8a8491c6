import {
  callExceptionHandler,
  createTask,
  currentScope,
  InvalidStateError,
  isCancelled,
  moveOnAfter,
  outside,
  Scope,
  type Task,
  wait,
} from "../../asyncio/index.ts";

/** Options of a background task. */
export interface BackgroundTaskOptions {
  /**
   * Its name, as shown by inspectors.
   * @default "background task"
   */
  readonly name?: string;
}

/** The tasks of an application besides its requests. They belong to it, not to the request that started them. */
export class BackgroundTasks {
  readonly #timeout: number;
  readonly #tasks = new Set<Task<void>>();
  #scope: Scope | undefined;
  #isClosing = false;

  /** @param timeout Time, in milliseconds, that the tasks have to end when it is closed. */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Takes tasks again. */
  open(): void {
    this.#isClosing = false;
  }

  /**
   * Starts a task. An error that it throws is reported.
   *
   * @throws {InvalidStateError} If it is being closed, or is closed.
   */
  add(fn: () => unknown, { name = "background task" }: BackgroundTaskOptions): void {
    if (this.#isClosing) {
      throw new InvalidStateError(`Cannot add a background task as the application is stopping: its name is '${name}'`);
    }
    const task = createTask(() => runReported(fn, name), { name, owner: this.#openScope(), ownsTasks: true });
    this.#tasks.add(task);
    task.addDoneCallback(() => this.#tasks.delete(task));
  }

  /** Waits for the tasks, cancels those that take too long, and waits for them again. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const scope = this.#scope;
    if (scope === undefined) return;
    this.#scope = undefined;
    try {
      await moveOnAfter(this.#timeout, () => this.#untilDone());
    } finally {
      await scope.close();
    }
  }

  async #untilDone(): Promise<void> {
    while (this.#tasks.size > 0) await wait([...this.#tasks]);
  }

  /** A scope of the process, not of the caller that adds the first task. */
  #openScope(): Scope {
    return (this.#scope ??= outside(() => new Scope(currentScope(), { kind: "application", ownsTasks: true })));
  }
}

async function runReported(fn: () => unknown, name: string): Promise<void> {
  try {
    await fn();
  } catch (error) {
    if (isCancelled(error)) throw error;
    callExceptionHandler({ message: `Background task '${name}' failed`, error });
  }
}
