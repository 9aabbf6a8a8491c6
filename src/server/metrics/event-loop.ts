import type * as PerfHooks from "node:perf_hooks";
import type { PrometheusText } from "./prometheus-text.ts";

type Delays = ReturnType<typeof PerfHooks.monitorEventLoopDelay>;

/** The time between two looks at the event loop, in milliseconds. */
const resolution = 20;

const quantiles = [0.5, 0.9, 0.99] as const;

/** Measures how late the event loop is, while it is open. */
export class EventLoopWatch {
  #delays: Delays | undefined;

  /** Begins to measure. */
  open(): void {
    this.#delays ??= process.getBuiltinModule("node:perf_hooks").monitorEventLoopDelay({ resolution });
    this.#delays.enable();
  }

  /** Ends it. */
  close(): void {
    this.#delays?.disable();
    this.#delays = undefined;
  }

  /** Writes how late it was since this was last called, and for how long it has worked and waited in all. */
  write(text: PrometheusText): void {
    this.#writeDelays(text);
    const name = "pottle_event_loop_seconds_total";
    const { active, idle } = performance.eventLoopUtilization();
    text.begin(name, "counter", "Time for which the event loop has worked, and has waited for something to do.");
    text.sample(name, active / 1_000, { state: "active" }).sample(name, idle / 1_000, { state: "idle" });
  }

  #writeDelays(text: PrometheusText): void {
    const delays = this.#delays;
    if (delays === undefined) return;
    const name = "pottle_event_loop_delay_seconds";
    text.begin(name, "gauge", "How late timers of the event loop were since the last scrape.");
    for (const quantile of quantiles)
      text.sample(name, toDelay(delays.percentile(quantile * 100)), { quantile: String(quantile) });
    text.sample(name, toDelay(delays.max), { quantile: "1" });
    delays.reset();
  }
}

/** From the nanoseconds between two looks to the seconds by which the second was late. */
function toDelay(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - resolution) / 1_000;
}
