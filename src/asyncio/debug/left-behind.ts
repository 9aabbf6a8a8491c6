// Finds waits and tasks that outlive the scope in which they began. The scope cancels them when it closes. Debug mode
// reports this, because a program that starts a task and does not await it seldom intends that.

import { cancellationOf, type Park, type Scope } from "../core/index.ts";
import { type Detector, describeScope, report } from "./report.ts";
import { describeWait } from "./wait-stacks.ts";

const namesShown = 10;

/**
 * @internal Reports waits that remain when a scope ends, and tasks that their owner had to cancel when it ended. Tasks
 * of an owner that failed or was cancelled are not reported.
 */
export function detectLeftBehind(): Detector {
  const stopped: WeakMap<Scope, string[]> = new WeakMap();
  return {
    instrument: {
      wake: (park, error) => {
        if (cancellationOf(error)?.isStray === true) reportFlow(park);
      },
      cancel: (scope) => {
        if (!isStoppedByOwner(scope)) return;
        const names = stopped.get(scope.parent!);
        if (names === undefined) stopped.set(scope.parent!, [scope.task!.name]);
        else names.push(scope.task!.name);
      },
      close: (scope, failed) => {
        const names = stopped.get(scope);
        if (names !== undefined && !failed) reportTasks(scope, names);
      },
    },
  };
}

function reportFlow(park: Park): void {
  const { scope } = park;
  report(
    scope,
    `${describeScope(scope)} ended while a flow in it still waited for ${describeWait(park)}; that wait was cancelled. ` +
      "Await everything that is started, or start it with gather(), race() or createTask()",
  );
}

function isStoppedByOwner({ task, parent, requests }: Scope): boolean {
  return (
    task !== undefined && parent !== undefined && parent === task.scope.parent && requests === 1 && parent.isClosing
  );
}

function reportTasks(owner: Scope, names: readonly string[]): void {
  const [tasks, them] = names.length === 1 ? [`task ${names[0]}`, "it"] : [`tasks ${listNames(names)}`, "them"];
  report(
    owner,
    `${describeScope(owner)} ended while ${tasks} that it owns still ran, and cancelled ${them}. Await ${them}, or have an outer scope own ${them}`,
  );
}

function listNames(names: readonly string[]): string {
  const rest = names.length - namesShown;
  return rest > 0 ? `${names.slice(0, namesShown).join(", ")} and ${rest} more` : names.join(", ");
}
