// What every run has: a clock, chance, a place to print, and a record of what happened.
import { sleep } from "pottle/asyncio";

/** Something that was generated, and when. */
export interface Item {
  readonly value: number;
  readonly at: number;
}

/** How long the queue was from a moment on. */
export interface Sample {
  readonly at: number;
  readonly length: number;
}

/** What a run does with time; all of it in milliseconds. */
export interface Clock {
  now(): number;
  /** Waits; others go on. */
  sleep(ms: number): Promise<void>;
  /** Waits; nobody goes on, as the thread does. */
  block(ms: number): void;
}

/** The clock on the wall, which may go `speed` times as fast. */
export function wallClock(speed: number): Clock {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  return {
    now: () => performance.now() * speed,
    sleep: (ms) => sleep(ms / speed),
    block: (ms) => void Atomics.wait(cell, 0, 0, ms / speed),
  };
}

/** Where a run takes place. It prints what the run does, and remembers it. */
export class Stage {
  readonly clock: Clock;
  readonly started: number;
  /** How long each item waited before it was processed, in the order of processing. */
  readonly responseTimes: number[] = [];
  /** How long the queue was, from each moment on at which that changed. */
  readonly lengths: Sample[] = [];
  readonly #random: () => number;
  readonly #print: (line: string, color: "white" | "yellow" | "cyan") => void;

  constructor(clock: Clock, random: () => number, print: (line: string, color: "white" | "yellow" | "cyan") => void) {
    this.clock = clock;
    this.started = clock.now();
    this.#random = random;
    this.#print = print;
  }

  /** How long it takes until there is something else to generate. */
  pause(): number {
    return this.#random() * 1_000 + 500;
  }

  /** How long the run has taken so far. */
  elapsed(): number {
    return this.clock.now() - this.started;
  }

  say(line: string): void {
    this.#print(line, "white");
  }

  generated(n: number, length: number): void {
    this.#queueIs(length);
    this.#print(` -- generated item ${n}`, "yellow");
  }

  processed(item: Item, length: number): void {
    const ms = this.clock.now() - item.at;
    this.responseTimes.push(ms);
    this.#queueIs(length);
    this.#print(` +++ Processed value ${item.value} after ${seconds(ms)} sec.`, "cyan");
  }

  #queueIs(length: number): void {
    this.lengths.push({ at: this.elapsed(), length });
  }
}

const twoDecimals = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Milliseconds as seconds with two decimals: `1,234.50`. */
export function seconds(ms: number): string {
  return twoDecimals.format(ms / 1_000);
}
