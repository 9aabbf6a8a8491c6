import { asyncContextManager, type AsyncContextManager, createTask, type Entered } from "../../asyncio/index.ts";
import type { LifespanFunction, LifespanHooks } from "../../http/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { type AppInfo, Context, currentContext } from "../message/context.ts";

/** A resource that is open while an application serves: an async generator function that yields once, or a context manager. */
export type ServingManager = (() => AsyncGenerator<unknown, void, void>) | AsyncContextManager<unknown>;

/** Makes a start or stop function find the application that it belongs to. */
export function inContextOf(app: AppInfo, fn: LifespanFunction): LifespanFunction {
  if (typeof fn !== "function") return fn;
  // A task of its own, as the context of the caller must not change.
  return () => createTask(() => runIn(app, fn), { name: fn.name === "" ? "lifespan" : fn.name });
}

/**
 * Enters a manager at the start, and leaves it at the stop.
 *
 * @throws {TypeError} If it is not a manager.
 */
export function holdOpen(hooks: LifespanHooks, manager: ServingManager): void {
  const open = toOpener(manager);
  let entered: Entered<unknown> | undefined;
  hooks.onStart(async () => {
    entered = await open();
  });
  hooks.onStop(async () => {
    const current = entered;
    entered = undefined;
    await current?.[Symbol.asyncDispose]();
  });
}

function toOpener(manager: ServingManager): () => Promise<Entered<unknown>> {
  if (typeof manager === "function") return () => asyncContextManager(manager)().enter();
  if (typeof (manager as Partial<AsyncContextManager<unknown>> | null)?.enter === "function") {
    return () => manager.enter();
  }
  throw wrongType("register with whileServing()", "an async generator function is needed", manager);
}

function runIn(app: AppInfo, fn: LifespanFunction): void | PromiseLike<void> {
  currentContext.set(new Context(app));
  return fn();
}
