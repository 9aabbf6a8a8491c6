import type { Park } from "../core/index.ts";
import { describeAwaited } from "./describe-wait.ts";
import { waitStack } from "./wait-stacks.ts";

/** A task, by what it is known by. */
export interface TaskReference {
  readonly id: number;
  readonly name: string;
}

/** What code waits for at one moment. */
export interface WaitView {
  /** In words: `Lock db`, `sleep`, `gather of a, b`. */
  readonly resource: string;
  /** For how long already, in milliseconds. */
  readonly ms: number;
  /** In how many milliseconds it ends by itself, if it does. */
  readonly dueIn: number | undefined;
  /** The task that holds what it waits for. */
  readonly heldBy: TaskReference | undefined;
  /** The line that waits; only in debug mode. */
  readonly line: string | undefined;
}

/** @internal A wait, as it is shown at `now`. */
export function viewWait(park: Park, now: number): WaitView {
  const holder = park.resource.holder?.();
  return {
    resource: describeAwaited(park),
    ms: now - park.since,
    dueIn: park.timer === undefined ? undefined : park.timer.when - now,
    heldBy: holder === undefined ? undefined : { id: holder.id, name: holder.name },
    line: waitStack(park)?.[0],
  };
}
