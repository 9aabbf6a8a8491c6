import { inspectCustom } from "../../base/node.ts";
import {
  type CancelledError,
  currentScope,
  InvalidStateError,
  runtime,
  runWithin,
  Scope,
  TimeoutError,
  type Timer,
  type WithinHooks,
} from "../core/index.ts";
import { requireTime, requireFunction } from "../../base/options.ts";

/** A running time limit; it is passed to the body that it limits. */
export interface TimeLimit {
  /** Whether time has run out. */
  readonly expired: boolean;
  /** The time when the limit runs out, in milliseconds of the loop's clock; `Infinity` for never. */
  readonly when: number;
  /**
   * Moves the limit to `ms` milliseconds from now; `Infinity` removes it.
   *
   * @throws {InvalidStateError} If time has run out, or the body has ended.
   * @throws {RangeError} If `ms` is NaN.
   * @throws {TypeError} If `ms` is not a number.
   */
  reschedule(ms: number): void;
}

class Limit<T> implements TimeLimit, WithinHooks<T> {
  ms: number;
  when = Infinity;
  expired = false;
  readonly #scope: Scope;
  #timer: Timer | undefined;

  constructor(scope: Scope, ms: number) {
    this.#scope = scope;
    this.ms = ms;
    this.#arm(ms);
  }

  reschedule(ms: number): void {
    requireTime(ms, "set a time limit");
    if (this.expired)
      throw new InvalidStateError(`Cannot reschedule a time limit as it has run out: it was ${this.ms} ms`);
    if (this.#scope.isClosing) throw new InvalidStateError("Cannot reschedule a time limit as its body has ended");
    this.disarm();
    this.ms = ms;
    this.#arm(ms);
  }

  #arm(ms: number): void {
    this.when = ms === Infinity ? Infinity : runtime.timers.now() + ms;
    this.#scope.deadline = this.when;
    if (ms <= 0) expire(this);
    else if (ms !== Infinity) this.#timer = runtime.timers.add(ms, expire, this, runtime.schedule?.tie());
  }

  disarm(): void {
    if (this.#timer !== undefined) runtime.timers.remove(this.#timer);
    this.#timer = undefined;
  }

  onLeave(): void {
    this.disarm();
  }

  onOwnCancel(error: CancelledError): T {
    throw new TimeoutError(this.ms, { cause: error });
  }

  expire(): void {
    if (this.#scope.isClosing) return;
    this.expired = true;
    this.#scope.cancel(this);
  }

  // The text of the cancellation's reason.
  toString(): string {
    return `time limit of ${this.ms} ms`;
  }
}
Reflect.defineProperty(Limit.prototype, inspectCustom, {
  value(this: Limit<unknown>): string {
    return this.toString();
  },
});

function expire(limit: Limit<unknown>): void {
  limit.expire();
}

// A limit that gives `undefined` instead of an error when time runs out.
class SoftLimit<T> extends Limit<T | undefined> {
  override onOwnCancel(): undefined {
    return undefined;
  }
}

const timeoutScope = { kind: "timeout" };

/**
 * Runs `body`, and cancels it if it is still running after `ms` milliseconds. `body` has finished its clean-up before
 * the returned promise settles. With `ms` ≤ 0 it is cancelled at its first wait; `Infinity` sets no limit.
 *
 * @throws {RangeError} If `ms` is NaN.
 * @throws {TypeError} If `ms` is not a number, or `body` not a function.
 * @throws {TimeoutError} If time ran out; its `cause` is the cancellation.
 * @example
 * const answer = await timeout(2_000, () => sleep(10, "in time"));
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout
 */
export async function timeout<T>(ms: number, body: (limit: TimeLimit) => T | PromiseLike<T>): Promise<T> {
  requireTime(ms, "set a time limit");
  requireFunction(body, "set a time limit");
  const scope = new Scope(currentScope(), timeoutScope);
  const limit = new Limit<T>(scope, ms);
  return await runWithin(scope, body, limit, limit);
}

/**
 * Like {@link timeout}, but with a point in time instead of a duration.
 *
 * @param when - The time when the limit runs out, in milliseconds of the clock of `getEventLoop().time()`.
 * @throws {RangeError} If `when` is NaN.
 * @throws {TypeError} If `when` is not a number, or `body` not a function.
 * @throws {TimeoutError} If time ran out.
 * @example
 * const soon = getEventLoop().time() + 2_000;
 * const answer = await timeoutAt(soon, () => sleep(10, "in time"));
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout_at
 */
export async function timeoutAt<T>(when: number, body: (limit: TimeLimit) => T | PromiseLike<T>): Promise<T> {
  requireTime(when, "set a time limit");
  return timeout(when - runtime.timers.now(), body);
}

/**
 * Like {@link timeout}, but when time runs out, it returns `undefined` instead of throwing an error.
 *
 * @throws {RangeError} If `ms` is NaN.
 * @throws {TypeError} If `ms` is not a number, or `body` not a function.
 * @example
 * const answer = await moveOnAfter(10, () => sleep(60_000, "too late"));
 * console.log(answer); // undefined
 * @see https://trio.readthedocs.io/en/stable/reference-core.html#trio.move_on_after
 */
export async function moveOnAfter<T>(
  ms: number,
  body: (limit: TimeLimit) => T | PromiseLike<T>,
): Promise<T | undefined> {
  requireTime(ms, "set a time limit");
  requireFunction(body, "set a time limit");
  const scope = new Scope(currentScope(), timeoutScope);
  const limit = new SoftLimit<T>(scope, ms);
  return await runWithin<TimeLimit, T | undefined>(scope, body, limit, limit);
}
