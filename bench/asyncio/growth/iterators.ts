import { AsyncExitStack, buffer, chunk, createTask, merge, Queue, take } from "pottle/asyncio";
import type { Program } from "../programs/stopwatch.ts";
import { cancelAll, drain, settle, source, times } from "./_scenes.ts";

/** What reads iterators, and what closes in turn. */
export const iteratorCases: Readonly<Record<string, Program>> = {
  "merge of many sources": reading((count) => merge(...times(count, () => source(1)))),
  "merge of two long sources": reading((count) => merge(source(count), source(count))),
  "merge of many, left by break": async (count, watch) => {
    const queues = times(count, () => new Queue<number>(1));
    queues.at(-1)!.putNowait(1);
    watch.start();
    for await (const item of merge(...queues)) if (item === 1) break;
    watch.stop();
  },
  "merge of many, cancelled": async (count, watch) => {
    const queues = times(count, () => new Queue<number>(1));
    const task = createTask(() => drain(merge(...queues)));
    await settle();
    watch.start();
    await cancelAll([task]);
    watch.stop();
  },
  "merge in merge": reading((count) => {
    let merged: AsyncIterable<number> = source(1);
    for (let left = Math.ceil(count / 100); left > 0; left--) merged = merge(merged, source(100));
    return take(merged, count);
  }),
  "buffer of one": reading((count) => buffer(source(count), 1)),
  "buffer of all": reading((count) => buffer(source(count), count)),
  "buffer of all, read late": async (count, watch) => {
    const items = buffer(source(count), Infinity);
    await items.next();
    for (let turns = 0; turns < 20; turns++) await settle();
    watch.start();
    await drain(items);
    watch.stop();
  },
  "chunk by ten": reading((count) => chunk(source(count), 10)),
  "chunk of all": reading((count) => chunk(source(count), count)),
  "chunk by time": reading((count) => chunk(source(count), { size: 10, ms: 1_000 })),
  "take of all": reading((count) => take(source(count), count)),
  "AsyncExitStack of many": async (count, watch) => {
    watch.start();
    const stack = new AsyncExitStack();
    for (let left = count; left > 0; left--) stack.push(() => false);
    await stack[Symbol.asyncDispose]();
    watch.stop();
  },
};

function reading(make: (count: number) => AsyncIterable<unknown>): Program {
  return async (count, watch) => {
    const items = make(count);
    watch.start();
    await drain(items);
    watch.stop();
  };
}
