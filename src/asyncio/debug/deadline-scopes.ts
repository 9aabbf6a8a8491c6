// A scope of the kind `deadline` holds the time that its task has, and nobody waits for it: whoever serves requests makes
// one. What waits in it does not keep the task from being stuck, and is shown as the task's own time.

import type { Scope } from "../scope.ts";

/** @internal Whether a scope only holds the time of its task. */
export function isDeadline({ kind }: Scope): boolean {
  return kind === "deadline";
}

/** @internal Whether a scope is one that only holds the time of its task, or within one. */
export function isWithinDeadline(scope: Scope): boolean {
  for (let s: Scope | undefined = scope; s !== undefined && s.task === scope.task; s = s.parent) {
    if (isDeadline(s)) return true;
  }
  return false;
}

/** @internal When the time of a scope is over, by the runtime's clock; `Infinity` if it has no limit. */
export function deadlineOf(scope: Scope): number {
  const own = scope.deadline ?? Infinity;
  return scope.children.filter(isDeadline).reduce((least, child) => Math.min(least, ...limitsIn(child)), own);
}

function limitsIn({ children }: Scope): number[] {
  return children.map(({ deadline = Infinity }) => deadline);
}
