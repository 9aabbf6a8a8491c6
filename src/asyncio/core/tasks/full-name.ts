import type { Task } from "./task.ts";

type Jobs = Map<Task<unknown>, Task<unknown> | undefined>;

/**
 * @internal The request or job that `task` is part of: the nearest task, `task` included, that owns the tasks created
 * in it. Combinators such as `gather` and servers also own tasks, but do not count. Results are stored in `known`.
 */
export function jobOf(task: Task<unknown>, known: Jobs = new Map()): Task<unknown> | undefined {
  const line: Task<unknown>[] = [];
  let job: Task<unknown> | undefined = task;
  for (; job !== undefined && !isJob(job) && !known.has(job); job = job.scope.parent?.task) line.push(job);
  if (job !== undefined && !isJob(job)) job = known.get(job);
  for (const part of line) known.set(part, job);
  return job;
}

function isJob({ scope, combinator, role }: Task<unknown>): boolean {
  return scope.owner === scope && combinator === undefined && role !== "server";
}

/**
 * @internal The name of `task`, preceded by the name of its request or job: `GET /deadlock › first`. For a request
 * itself, and for a task outside any request or job, it is the name alone.
 */
export function fullNameOf(task: Task<unknown>): string {
  return joinNames(jobOf(task), task);
}

/** @internal Like {@link fullNameOf}, for callers that already know the request or job. */
export function joinNames(job: Task<unknown> | undefined, task: Task<unknown>): string {
  return job === undefined || job === task || job.name === task.name ? task.name : `${job.name} › ${task.name}`;
}
