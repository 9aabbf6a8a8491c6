import { allTasks, type Task, type TaskReference } from "../../asyncio/index.ts";
import { requestOf } from "../record/lineage.ts";

/**
 * Information about tasks that a snapshot does not contain: the role of each task, and the request that it belongs to.
 */
export class Whereabouts {
  readonly #tasks: ReadonlyMap<number, Task<unknown>>;

  constructor(tasks: Iterable<Task<unknown>> = allTasks()) {
    this.#tasks = new Map([...tasks].map((task) => [task.id, task]));
  }

  /** The role of a task: "request", "server", or `undefined`. */
  roleOf(id: number): string | undefined {
    return this.#tasks.get(id)?.role;
  }

  /** The number of the only task that waits for a task; `undefined` if none or several do. */
  awaiterOf(id: number): number | undefined {
    const [awaiter, ...others] = new Set(this.#tasks.get(id)?.awaitedBy);
    return others.length > 0 ? undefined : awaiter?.id;
  }

  /** The request that a task belongs to; `undefined` for a request itself, and for a task outside any request. */
  requestOf(id: number): TaskReference | undefined {
    const task = this.#tasks.get(id);
    const request = task === undefined ? undefined : requestOf(task);
    return request === undefined || request === task ? undefined : { id: request.id, name: request.name };
  }
}
