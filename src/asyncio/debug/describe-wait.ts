import { type Awaitable, awaitedIn, describeResource, type Park, Task } from "../core/index.ts";

const namesShown = 5;

/** @internal The resource of a wait, in words; for a `gather`, `shield` or group, with the tasks that it stands for. */
export function describeAwaited(park: Park): string {
  const { resource } = park;
  if (resource instanceof Task && resource.combinator !== undefined)
    return describeCombinator(resource as Task<unknown>);
  const awaited = awaitedIn(park).filter((awaitable) => awaitable !== resource);
  return awaited.length === 0 ? describeResource(resource) : `${resource.kind} of ${listNames(awaited)}`;
}

function describeCombinator(task: Task<unknown>): string {
  const awaited = task.waits.flatMap(awaitedIn);
  return awaited.length === 0 ? `${task.combinator} ${task.name}` : `${task.combinator} of ${listNames(awaited)}`;
}

function listNames(awaitables: readonly Awaitable<unknown>[]): string {
  const unique = new Set(awaitables);
  const names: string[] = [];
  for (const { name } of unique) if (names.push(name) === namesShown) break;
  const rest = unique.size - names.length;
  return names.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
