/** Measures the part of a program that counts, in CPU time or in bytes of heap. */
export class Stopwatch {
  /** CPU time between `start` and `stop`, in microseconds: of all threads, so that helpers of the engine count too. */
  cpu = 0;
  /** As `cpu`, of the main thread alone: what the engine's helpers do beside it is left out. */
  threadCpu = 0;
  /** What the heap has grown by between `startWeighing` and `weigh`, in bytes. */
  bytes = 0;
  #cpuAtStart: NodeJS.CpuUsage = { user: 0, system: 0 };
  #threadAtStart: NodeJS.CpuUsage = { user: 0, system: 0 };
  #bytesAtStart = 0;

  // No garbage is collected first: a forced collection shrinks the young generation, and the program then pays for its
  // growing again.
  start(): void {
    this.#cpuAtStart = process.cpuUsage();
    this.#threadAtStart = process.threadCpuUsage();
  }

  stop(): void {
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    this.cpu = user + system;
    const thread = process.threadCpuUsage(this.#threadAtStart);
    this.threadCpu = thread.user + thread.system;
  }

  startWeighing(): void {
    this.#bytesAtStart = liveBytes();
  }

  weigh(): void {
    this.bytes = liveBytes() - this.#bytesAtStart;
  }
}

/** The heap that is still reachable. */
function liveBytes(): number {
  if (globalThis.gc === undefined)
    throw new Error("Cannot weigh the heap as the collector is out of reach: node runs without --expose-gc");
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** One case as one peer solves it: does its work `count` times, and starts and stops the watch around it. */
export type Program = (count: number, watch: Stopwatch) => Promise<void>;
