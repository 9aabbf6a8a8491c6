import { v8 } from "../../../base/node.ts";
import { currentScope } from "../scopes/scope.ts";
import type { Task } from "../tasks/task.ts";

/**
 * @internal Called after each step of a task, with its duration in milliseconds. A step is the code from one `await` to
 * the next.
 */
export type StepListener = (task: Task<unknown>, ms: number) => void;

/**
 * @internal Calls `onStep` after each step of a task. This uses V8's promise hooks, which slow down every promise as
 * long as they are on.
 *
 * @returns A function that turns the hooks off.
 */
export function watchSteps(onStep: StepListener): () => void {
  let began = 0;
  return v8().promiseHooks.createHook({
    before() {
      began = performance.now();
    },
    after() {
      const { task } = currentScope();
      if (task !== undefined) onStep(task, performance.now() - began);
    },
  }) as () => void;
}
