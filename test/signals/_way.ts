// A way: a function that takes an AbortSignal, awaited as programs await it. docs/cancellation.md shows them as a table.

import type { Scene } from "./_scene.ts";

/** What the awaited function does when its signal is aborted by a cancellation. */
export type Ending =
  | "throws the cancellation"
  | "throws an `AbortError` made of it"
  | "throws an error made of it"
  | "throws an `AbortError` without a cause"
  | "throws an error without a cause"
  | "throws an error of its own"
  | "returns"
  | "goes on";

/** When the code that awaits it goes on: in the turn of the abort, some turns later, or when what it awaits goes on. */
export type Moment = "at once" | "later" | "at the next item" | "never";

/** One way of awaiting something by a signal. */
export interface Way {
  readonly name: string;
  readonly ending: Ending;
  readonly moment: Moment;
  /** Starts what takes the signal; what it returns is awaited. */
  readonly run: (signal: AbortSignal, scene: Scene) => unknown;
  /** Whether it would be over by itself within milliseconds, so that it has to be cancelled at once. @default false */
  readonly isShort?: boolean;
  /** How long it runs before it is cancelled, in milliseconds. @default 15 */
  readonly runsFor?: number;
  /** Whether it tells by `scene.ready()` when it may be cancelled. @default false */
  readonly tellsReady?: boolean;
  /** Opens what it needs, before it runs. */
  readonly prepare?: (scene: Scene) => Promise<void>;
  /** Has what it awaits go on. */
  readonly goOn?: (scene: Scene) => unknown;
  /**
   * What it does with a signal that is aborted already, where that differs: some throw an error in which the cancellation is
   * not found, and `tls.connect` takes the whole process down (an assertion in Node 24 and 26). @default throws
   */
  readonly whenAborted?: "crashes" | "throws" | "throws something else" | "returns" | "goes on";
  /** Whether it holds a thread of the platform's pool while it waits: such ways run one by one. @default false */
  readonly holdsThread?: boolean;
  /** The oldest major version of Node that has it. @default 24 */
  readonly since?: number;
  /** The oldest major version of Node in which it hears; in older ones it goes on. @default 24 */
  readonly hearsSince?: number;
}

type Details = Omit<Way, "name" | "ending" | "moment" | "run">;

function make(name: string, ending: Ending, moment: Moment, run: Way["run"], details: Details = {}): Way {
  return { name, ending, moment, run, ...details };
}

/** A way that throws an `AbortError` of Node's, whose cause is the cancellation. */
export function abortError(name: string, moment: Moment, run: Way["run"], details?: Details): Way {
  return make(name, "throws an `AbortError` made of it", moment, run, details);
}

/** A way that throws the cancellation itself, as the web's functions do. */
export function reason(name: string, moment: Moment, run: Way["run"], details?: Details): Way {
  return make(name, "throws the cancellation", moment, run, details);
}

/** A way that throws an error in which the cancellation is not found. */
export function lostReason(name: string, ending: Ending, moment: Moment, run: Way["run"], details?: Details): Way {
  return make(name, ending, moment, run, details);
}

/** A way that returns because of the abort: its code was not thrown out, and is cancelled at its next wait. */
export function returns(name: string, moment: Moment, run: Way["run"], details?: Details): Way {
  return make(name, "returns", moment, run, { whenAborted: "returns", ...details });
}

/** A way that the abort does not end. */
export function deaf(name: string, run: Way["run"], details?: Details): Way {
  return make(name, "goes on", "never", run, { whenAborted: "goes on", ...details });
}

/** Reads all of `source`. */
export async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

/** A promise that never settles. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
