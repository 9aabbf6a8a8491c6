import type { EventLoop } from "./event-loop.ts";
import { type RunOptions, Runner } from "./runner.ts";
import { ambient, runtime } from "../core/index.ts";

/**
 * Creates an event loop, for programs in the older style of asyncio. New programs should use `run(main)`.
 *
 * @throws {RangeError} If `shutdownTimeout` is NaN.
 * @example
 * const loop = newEventLoop();
 * const task = loop.createTask(() => sleep(10, "done"));
 * console.log(await loop.runUntilComplete(task)); // done
 * await loop.close();
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.new_event_loop
 */
export function newEventLoop(options: RunOptions = {}): EventLoop {
  return new Runner(options).getLoop();
}

const loops: { ofProcess: EventLoop | undefined } = ambient("run.loops", () => ({ ofProcess: undefined }));

/**
 * The running event loop. If none is running, the loop of the process, which is created on the first call.
 *
 * @example
 * const before = getEventLoop().time();
 * await sleep(10);
 * console.log(getEventLoop().time() - before >= 9); // true
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_event_loop
 */
export function getEventLoop(): EventLoop {
  if (runtime.running !== undefined) return runtime.running as EventLoop;
  if (loops.ofProcess === undefined || loops.ofProcess.isClosed()) loops.ofProcess = newEventLoop();
  return loops.ofProcess;
}
