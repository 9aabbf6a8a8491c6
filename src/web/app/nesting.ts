/**
 * What is around a view: the application, and the blueprints from the outer to the inner one. Each of them is a layer.
 *
 *     application        before 1 ──┐                  ┌── after 6, teardown 6
 *       blueprint        before 2 ──┤                  ├── after 5, teardown 5
 *         blueprint      before 3 ──┴── view, errors ──┴── after 4, teardown 4
 *
 * The hooks of all layers around a view are put into one list each, once, when the first request comes: an application
 * without hooks has empty lists to look at, and nothing else.
 */

import type { ErrorHandlers } from "../failure/error-handlers.ts";
import type { AfterRequest, BeforeRequest, Hooks, TeardownRequest } from "./hooks.ts";

/** The hooks and error handlers around a view, in the order in which they are run or asked. */
export interface Pipeline {
  readonly before: readonly BeforeRequest[];
  readonly after: readonly AfterRequest[];
  readonly teardown: readonly TeardownRequest[];
  readonly handlers: readonly ErrorHandlers[];
}

/** An application or a blueprint as it is registered in one place. */
export class Layer {
  /** What the names of its routes begin with: nothing for an application, `parent.child` for a blueprint. */
  readonly name: string;
  readonly #parent: Layer | undefined;
  readonly #hooks: Hooks;
  readonly #handlers: ErrorHandlers;
  #pipeline: Pipeline | undefined;

  constructor(name: string, hooks: Hooks, handlers: ErrorHandlers, parent?: Layer) {
    this.name = name;
    this.#hooks = hooks;
    this.#handlers = handlers;
    this.#parent = parent;
  }

  /** What is around its views. Nothing may be registered any more once this was asked for. */
  get pipeline(): Pipeline {
    return (this.#pipeline ??= this.#fold());
  }

  #fold(): Pipeline {
    const outer = this.#parent?.pipeline;
    return {
      before: [...(outer?.before ?? []), ...this.#hooks.before],
      after: [...this.#hooks.after.toReversed(), ...(outer?.after ?? [])],
      teardown: [...this.#hooks.teardown.toReversed(), ...(outer?.teardown ?? [])],
      handlers: [this.#handlers, ...(outer?.handlers ?? [])],
    };
  }
}
