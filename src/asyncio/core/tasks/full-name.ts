import type { Task } from "./task.ts";

type Jobs = Map<Task<unknown>, Task<unknown> | undefined>;

/**
 * @internal The request or job that `task` is part of: the nearest task, itself included, that owns the tasks created in
 * it. Combinators such as `gather` own tasks as well, and so do servers; they do not count. With `known`, what is found is kept there.
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
 * @internal The name of `task` after that of the request or job that it is part of: `GET /deadlock › first`. Of a request
 * itself, and of a task outside any, its name.
 */
export function fullNameOf(task: Task<unknown>): string {
  return joinNames(jobOf(task), task);
}

/** @internal As {@link fullNameOf}, where the request or job is known. */
export function joinNames(job: Task<unknown> | undefined, task: Task<unknown>): string {
  return job === undefined || job === task || job.name === task.name ? task.name : `${job.name} › ${task.name}`;
}
