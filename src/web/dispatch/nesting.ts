/**
 * A view is nested in its application and in blueprints, from the outer to the inner one:
 *
 *     application        before 1 ──┐                  ┌── after 6, teardown 6
 *       blueprint        before 2 ──┤                  ├── after 5, teardown 5
 *         blueprint      before 3 ──┴── view, errors ──┴── after 4, teardown 4
 *
 * The hooks around a view are put into one list of each kind, once, when the first request comes: an application without
 * hooks has empty lists to look at, and nothing else.
 */

import type { ErrorHandlers } from "../failure/error-handlers.ts";
import type { AfterRequest } from "../message/context.ts";
import type { SocketHooks } from "../websocket/socket-hooks.ts";
import type { BeforeRequest, Hooks, TeardownRequest, UrlValuePreprocessor } from "./hooks.ts";

/** The hooks and error handlers around a view, in the order in which they are run or asked. */
export interface HookChain {
  readonly before: readonly BeforeRequest[];
  readonly after: readonly AfterRequest[];
  readonly teardown: readonly TeardownRequest[];
  readonly handlers: readonly ErrorHandlers[];
  readonly urlValues: readonly UrlValuePreprocessor[];
}

/** The same for a view of WebSockets. */
export type SocketChain = Pick<HookChain, "handlers" | "urlValues"> & {
  readonly [Kind in "before" | "after" | "teardown"]: Readonly<SocketHooks[Kind]>;
};

/** An application or a blueprint as it is registered in one place. */
export class Nesting {
  /** The beginning of the names of its routes: empty for an application, `parent.child` for a blueprint. */
  readonly name: string;
  readonly #parent: Nesting | undefined;
  readonly #hooks: Hooks;
  readonly #handlers: ErrorHandlers;
  #chain: HookChain | undefined;
  #socketChain: SocketChain | undefined;

  constructor(name: string, hooks: Hooks, handlers: ErrorHandlers, parent?: Nesting) {
    this.name = name;
    this.#hooks = hooks;
    this.#handlers = handlers;
    this.#parent = parent;
  }

  /** The hooks around its views. Nothing may be registered any more after the first call. */
  get chain(): HookChain {
    return (this.#chain ??= this.#flatten());
  }

  /** The hooks around its views of WebSockets. */
  get socketChain(): SocketChain {
    return (this.#socketChain ??= this.#flattenSockets());
  }

  #flattenSockets(): SocketChain {
    const outer = this.#parent?.socketChain;
    const { before, after, teardown } = this.#hooks.sockets;
    return {
      before: [...(outer?.before ?? []), ...before],
      after: [...after.toReversed(), ...(outer?.after ?? [])],
      teardown: [...teardown.toReversed(), ...(outer?.teardown ?? [])],
      handlers: this.chain.handlers,
      urlValues: this.chain.urlValues,
    };
  }

  /** Lets the functions around its routes add values for a URL. Unlike {@link chain} it may be called during set-up. */
  addUrlDefaults(name: string, values: Record<string, unknown>): void {
    this.#parent?.addUrlDefaults(name, values);
    for (const hook of this.#hooks.urlDefaults) hook(name, values);
  }

  #flatten(): HookChain {
    const outer = this.#parent?.chain;
    return {
      before: [...(outer?.before ?? []), ...this.#hooks.before],
      after: [...this.#hooks.after.toReversed(), ...(outer?.after ?? [])],
      teardown: [...this.#hooks.teardown.toReversed(), ...(outer?.teardown ?? [])],
      handlers: [this.#handlers, ...(outer?.handlers ?? [])],
      urlValues: [...(outer?.urlValues ?? []), ...this.#hooks.urlValues],
    };
  }
}
