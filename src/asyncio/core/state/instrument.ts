import { ambient } from "./ambient.ts";
import type { CancelledError } from "../errors/errors.ts";
import { callExceptionHandler } from "../errors/exception-handler.ts";
import type { Park } from "../waits/park.ts";
import { show } from "../../../base/options.ts";
import { runtime } from "./runtime.ts";
import type { Scope } from "../scopes/scope.ts";
import { watchSteps } from "./steps.ts";
import type { Task } from "../tasks/task.ts";

/**
 * An observer of the runtime. Each method is called synchronously when its event happens, so it must be fast. Without
 * an instrument, events cost nothing.
 */
export interface Instrument {
  /** A task was created; called within `createTask`. */
  spawn?(task: Task<unknown>): void;
  /** A wait began; called in the waiting code. */
  wait?(park: Park): void;
  /** A wait ended, with `error` if it failed or was cancelled. */
  wake?(park: Park, error?: unknown): void;
  /** A wait did not begin, because a cancellation of `scope` was pending and was thrown instead. */
  refuse?(scope: Scope, error: CancelledError): void;
  /** A scope was asked to stop. */
  cancel?(scope: Scope, error: CancelledError): void;
  /** A scope ended; `failed` tells whether its code ended with an error. */
  close?(scope: Scope, failed: boolean): void;
  /** A task is done. */
  exit?(task: Task<unknown>): void;
  /**
   * A task ran for `ms` milliseconds, from one `await` to the next. While an instrument has this method, V8's promise
   * hooks are on, which slow down every promise.
   */
  step?(task: Task<unknown>, ms: number): void;
}

interface Added {
  readonly instruments: Set<Instrument>;
  stopSteps: (() => void) | undefined;
}

const added = ambient<Added>("instruments", () => ({ instruments: new Set(), stopSteps: undefined }));
const { instruments } = added;
type Event = keyof Instrument;
const events: readonly Event[] = ["spawn", "wait", "wake", "refuse", "cancel", "close", "exit", "step"];

/**
 * Adds an instrument, which stays until it is removed.
 *
 * @returns A function that removes the instrument.
 * @throws {TypeError} If `instrument` is not an object.
 * @example
 * const names: string[] = [];
 * const remove = addInstrument({ spawn: (task) => names.push(task.name) });
 * await createTask(async () => {}, { name: "seen" });
 * remove();
 * console.log(names); // [ 'seen' ]
 * @see https://trio.readthedocs.io/en/stable/reference-lowlevel.html#trio.abc.Instrument
 */
export function addInstrument(instrument: Instrument): () => void {
  if (typeof instrument !== "object" || instrument === null) {
    throw new TypeError(`Cannot add an instrument as an object is needed: current value is ${show(instrument)}`);
  }
  instruments.add(instrument);
  rebuild();
  return () => {
    instruments.delete(instrument);
    rebuild();
  };
}

// One object that calls all instruments. It is rebuilt when an instrument is added or removed, so that an event costs
// only one check when there is none.
function rebuild(): void {
  runtime.instrument = instruments.size === 0 ? undefined : fold();
  added.stopSteps?.();
  const steps = runtime.instrument;
  added.stopSteps = steps?.step === undefined ? undefined : watchSteps((task, ms) => steps.step?.(task, ms));
}

function fold(): Instrument {
  const folded: Record<string, unknown> = {};
  for (const event of events) {
    const listeners = [...instruments].filter((instrument) => instrument[event] !== undefined);
    if (listeners.length > 0) folded[event] = (...args: never[]) => notify(listeners, event, args);
  }
  return folded;
}

// An instrument that throws is removed: it must not be able to stop the code that it watches.
function notify(listeners: Instrument[], event: Event, args: never[]): void {
  for (const listener of listeners) {
    try {
      (listener[event] as (...all: never[]) => void).apply(listener, args);
    } catch (error) {
      instruments.delete(listener);
      rebuild();
      callExceptionHandler({ message: `An instrument failed at "${event}" and was removed`, error });
    }
  }
}
