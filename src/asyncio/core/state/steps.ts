import { v8 } from "../../../base/node.ts";
import { currentScope } from "../scopes/scope.ts";
import type { Task } from "../tasks/task.ts";

/** @internal Hears of each step of a task: its code from one `await` to the next, and how many milliseconds it took. */
export type StepListener = (task: Task<unknown>, ms: number) => void;

/**
 * @internal Has `onStep` called after each step of a task. The platform's promise hooks tell, and slow every promise down
 * for as long as they are on.
 *
 * @returns A function that turns them off.
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
