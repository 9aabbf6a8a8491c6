import { allTasks, type Task, type TaskReference } from "../../asyncio/index.ts";
import { requestOf } from "../record/lineage.ts";

/** What a snapshot leaves out about the tasks in it: what each is for, and the request that it belongs to. */
export class Whereabouts {
  readonly #tasks: ReadonlyMap<number, Task<unknown>>;

  constructor(tasks: Iterable<Task<unknown>> = allTasks()) {
    this.#tasks = new Map([...tasks].map((task) => [task.id, task]));
  }

  /** What a task is for: "request", "server", or `undefined`. */
  roleOf(id: number): string | undefined {
    return this.#tasks.get(id)?.role;
  }

  /** The number of the one task that waits for a task; `undefined` if none does, or several do. */
  awaiterOf(id: number): number | undefined {
    const [awaiter, ...others] = new Set(this.#tasks.get(id)?.awaitedBy);
    return others.length > 0 ? undefined : awaiter?.id;
  }

  /** The request that a task belongs to; `undefined` for a request itself, and for a task that belongs to none. */
  requestOf(id: number): TaskReference | undefined {
    const task = this.#tasks.get(id);
    const request = task === undefined ? undefined : requestOf(task);
    return request === undefined || request === task ? undefined : { id: request.id, name: request.name };
  }
}
