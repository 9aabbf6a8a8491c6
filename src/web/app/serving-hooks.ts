import { asyncContextManager, type AsyncContextManager, createTask, type Entered } from "../../asyncio/index.ts";
import type { LifespanFunction, LifespanHooks } from "../../http/index.ts";
import { wrongType } from "../../base/refusal.ts";
import type { Pottle } from "./pottle.ts";
import { AppContext, currentContext } from "../message/context.ts";

/** What is open while an application serves: an async generator function that yields once, or a context manager. */
export type ServingManager = (() => AsyncGenerator<unknown, void, void>) | AsyncContextManager<unknown>;

/** Makes `fn` find the application that it belongs to. */
export function inContextOf(app: Pottle, fn: LifespanFunction): LifespanFunction {
  if (typeof fn !== "function") return fn;
  // A task of its own, as the context of whoever starts the application is not to be changed.
  return () => createTask(() => runIn(app, fn), { name: fn.name === "" ? "lifespan" : fn.name });
}

/**
 * Has a manager entered at the start and left at the stop.
 *
 * @throws {TypeError} If it is none.
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

function runIn(app: Pottle, fn: LifespanFunction): void | PromiseLike<void> {
  currentContext.set(new AppContext(app));
  return fn();
}
