// What docs/cancellation.md says: each of its statements is the name of a test here, word for word.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import {
  allTasks,
  bind,
  type CancelledError,
  createTask,
  currentSignal,
  currentTask,
  Event,
  type ExceptionContext,
  gather,
  isCancelled,
  Queue,
  race,
  setExceptionHandler,
  sleep,
  type Task,
  timeout,
  TimeoutError,
  waitPromise,
} from "../src/asyncio/index.ts";
import { virtualTime, type VirtualClock, waitAllTasksParked } from "../src/asyncio/testing/index.ts";
import { platformTurn } from "../src/asyncio/core/index.ts";
import { MemoryExchange, serveExchange } from "../src/http/index.ts";

const grace = 1_000;
const stated = new Set<string>();

/** Something that is under way, and can be asked to stop. */
interface Work {
  readonly task: Task<unknown>;
  stop(): void;
}

function statement(text: string, body: (clock: VirtualClock) => Promise<void>): void {
  stated.add(text);
  test(text, virtualTime(body));
}

/** Tests what holds for a task that is cancelled, and for a request whose client leaves. */
function statementOfBoth(
  text: string,
  body: (start: (work: Body) => Work, clock: VirtualClock) => Promise<void>,
): void {
  stated.add(text);
  test(
    `${text} (in a task)`,
    virtualTime((clock) => body(startTask, clock)),
  );
  test(
    `${text} (in a request)`,
    virtualTime((clock) => body(startRequest, clock)),
  );
}

type Body = () => Promise<unknown>;

function startTask(body: Body): Work {
  const task = createTask(body);
  task.catch(() => undefined);
  return { task, stop: () => void task.cancel("stop") };
}

function startRequest(body: Body): Work {
  const exchange = new MemoryExchange({ target: "/" });
  exchange.upload.end();
  const app = {
    handle: async (): Promise<void> => {
      await body();
      await exchange.respond(200, [], "");
    },
  };
  const task = serveExchange(app, exchange, { cancelGrace: grace, onError: () => undefined });
  task.catch(() => undefined);
  return { task, stop: () => exchange.disconnect() };
}

async function ended({ task }: Work): Promise<void> {
  await Promise.allSettled([task]);
}

/** Waits for long, and says what became of it. */
async function linger(name: string, log: string[], ms = 60_000): Promise<string> {
  try {
    await sleep(ms);
    log.push(`${name} ended`);
    return name;
  } catch (error) {
    log.push(`${name} ${isCancelled(error) ? "stopped" : "failed"}`);
    throw error;
  }
}

async function fail(): Promise<never> {
  await sleep(1);
  throw new Error("planned");
}

// Promise.all

statementOfBoth("A cancellation stops every flow of a `Promise.all`, each at its wait.", async (start) => {
  const log: string[] = [];
  const work = start(() => Promise.all([linger("one", log), linger("two", log)]));
  await waitAllTasksParked();
  work.stop();
  await ended(work);
  assert.deepEqual(log, ["one stopped", "two stopped"]);
});

statementOfBoth(
  "A `Promise.all` that fails leaves no flow running: the others are stopped when the task, the request or the `timeout` around it ends, which waits until they have cleaned up.",
  async (start, clock) => {
    const log: string[] = [];
    const cleanUp = async (): Promise<void> => {
      try {
        await linger("other", log);
      } finally {
        await sleep(5);
        log.push("cleaned up");
      }
    };
    const work = start(() => Promise.all([fail(), cleanUp()]));
    await clock.advance(1);
    assert.deepEqual([log, work.task.done()], [["other stopped"], false]);
    await clock.advance(5);
    await ended(work);
    assert.deepEqual(log, ["other stopped", "cleaned up"]);
  },
);

statement("Until then they go on: they still run while code handles the error of a `Promise.all`.", async (clock) => {
  const log: string[] = [];
  const task = createTask(async () => {
    await Promise.all([fail(), linger("other", log, 10)]).catch(() => undefined);
    await sleep(20);
  });
  await clock.advance(30);
  await task;
  assert.deepEqual(log, ["other ended"]);
});

statement(
  "`gather` does not wait for that: when one fails, it stops the others and waits for them, and then throws.",
  async (clock) => {
    const log: string[] = [];
    const task = createTask(async () => {
      await assert.rejects(
        gather(fail, () => linger("other", log)),
        /planned/,
      );
      log.push("thrown");
    });
    await clock.advance(1);
    await task;
    assert.deepEqual(log, ["other stopped", "thrown"]);
  },
);

statementOfBoth("Tasks in a `Promise.all` are cancelled when the code that awaits it is cancelled.", async (start) => {
  const log: string[] = [];
  const work = start(() => Promise.all([createTask(() => linger("one", log)), createTask(() => linger("two", log))]));
  await waitAllTasksParked();
  work.stop();
  await ended(work);
  assert.deepEqual(log, ["one stopped", "two stopped"]);
});

statementOfBoth(
  "If a `Promise.all` of tasks fails, and the code that awaited it with it, the other tasks are cancelled.",
  async (start, clock) => {
    const log: string[] = [];
    const work = start(() => Promise.all([createTask(fail), createTask(() => linger("other", log))]));
    await clock.advance(1);
    await ended(work);
    await waitAllTasksParked();
    assert.deepEqual(log, ["other stopped"]);
  },
);

// Promise.race

statement(
  "The loser of a bare `Promise.race` goes on until its scope ends, and what it takes meanwhile is lost.",
  async (clock) => {
    const queue = new Queue<string>(Infinity);
    const task = createTask(async () => {
      await Promise.race([sleep(1), queue.get()]);
      await sleep(10);
    });
    await clock.advance(5);
    queue.putNowait("item");
    await clock.advance(10);
    await task;
    assert.equal(queue.size, 0);
  },
);

statement(
  "A cancellation that meets only the loser of a bare `Promise.race` is taken by the loser: the code behind the race goes on.",
  async (clock) => {
    const other = Promise.withResolvers<void>();
    const task = createTask(async () => {
      await Promise.race([new Queue<number>(1).get(), sleep(1)]);
      await other.promise;
      await sleep(1);
      return "went on";
    });
    await clock.advance(1);
    task.cancel("stop");
    other.resolve();
    await clock.advance(1);
    assert.equal(await task, "went on");
  },
);

statementOfBoth(
  "When its scope has ended, the loser of a bare `Promise.race` takes no delivery.",
  async (start, clock) => {
    const queue = new Queue<string>(Infinity);
    const work = start(() => Promise.race([sleep(1), queue.get()]));
    await clock.advance(1);
    await ended(work);
    queue.putNowait("item");
    await waitAllTasksParked();
    assert.equal(queue.getNowait(), "item");
  },
);

statement("A `timeout` around a bare `Promise.race` is such a scope.", async (clock) => {
  const queue = new Queue<string>(Infinity);
  const task = createTask(async () => {
    await timeout(60_000, () => Promise.race([sleep(1), queue.get()]));
    queue.putNowait("item");
    await sleep(1);
    return queue.size;
  });
  await clock.advance(2);
  assert.equal(await task, 1);
});

statementOfBoth(
  "The losers of our `race` are cancelled and awaited before it gives the winner: none takes a delivery.",
  async (start, clock) => {
    const queue = new Queue<string>(Infinity);
    const log: string[] = [];
    const work = start(async () => {
      log.push(
        await race(
          () => sleep(1, "hare"),
          () => queue.get(),
          () => linger("tortoise", log),
        ),
      );
      queue.putNowait("item");
      await sleep(1);
      log.push(`${queue.size} left`);
    });
    await clock.advance(2);
    await ended(work);
    assert.deepEqual(log, ["tortoise stopped", "hare", "1 left"]);
  },
);

statement(
  "A contestant of our `race` that has taken something in the same turn as the winner has taken it: only its result is dropped.",
  async () => {
    const queue = new Queue<number>(Infinity);
    const taken: number[] = [];
    const take = async (): Promise<void> => {
      taken.push(await queue.get());
    };
    const racing = createTask(() => race(take, take));
    await waitAllTasksParked();
    queue.putNowait(1);
    queue.putNowait(2);
    await racing;
    assert.equal(taken.length + queue.size, 2);
  },
);

// Promise.allSettled

statementOfBoth(
  "A cancellation stops every flow of a `Promise.allSettled`, but it makes results of what it stopped: the code behind it goes on.",
  async (start) => {
    const log: string[] = [];
    const work = start(async () => {
      const outcomes = await Promise.allSettled([linger("one", log), linger("two", log)]);
      log.push(...outcomes.map(({ status }) => status), `${currentTask()!.cancelling()} outstanding`);
    });
    await waitAllTasksParked();
    work.stop();
    await ended(work);
    assert.deepEqual(log, ["one stopped", "two stopped", "rejected", "rejected", "1 outstanding"]);
  },
);

statement(
  "A task that goes on after a `Promise.allSettled` is not cancelled again; `currentTask().cancelling()` tells that it was.",
  async (clock) => {
    const task = createTask(async () => {
      await Promise.allSettled([sleep(60_000)]);
      await sleep(1);
      return currentTask()!.cancelling();
    });
    await waitAllTasksParked();
    task.cancel();
    await clock.advance(1);
    assert.deepEqual([await task, task.cancelled()], [1, false]);
  },
);

// task.then(f)

statementOfBoth(
  "`task.then(f)`, `task.catch(f)` and `task.finally(f)` wait for nothing: cancelling the code that called them does not cancel the task.",
  async (start, clock) => {
    const log: string[] = [];
    const other = createTask(() => linger("other", log, 10));
    const work = start(async () => {
      void other.then(() => log.push("then"));
      void other.catch(() => log.push("catch"));
      void other.finally(() => log.push("finally"));
      await sleep(60_000);
    });
    await waitAllTasksParked();
    work.stop();
    await ended(work);
    await clock.advance(10);
    await other;
    await waitAllTasksParked();
    assert.deepEqual(log, ["other ended", "then", "finally"]);
  },
);

statementOfBoth(
  "`await task` waits for the task itself: cancelling the code that awaits cancels it.",
  async (start) => {
    const log: string[] = [];
    const other = createTask(() => linger("other", log));
    const work = start(() => other);
    await waitAllTasksParked();
    work.stop();
    await ended(work);
    assert.deepEqual([log, other.cancelled()], [["other stopped"], true]);
  },
);

statement(
  "`await task.then(f)` awaits a promise of the platform: a cancellation arrives at the next wait after it.",
  async (clock) => {
    const log: string[] = [];
    const other = createTask(() => linger("other", log, 10));
    const task = createTask(async () => {
      log.push(await other.then((name) => `after ${name}`));
      await linger("next", log);
    });
    await waitAllTasksParked();
    task.cancel();
    await clock.advance(10);
    await assert.rejects(task, isCancelled);
    assert.deepEqual(log, ["other ended", "after other", "next stopped"]);
  },
);

statement(
  "What `f` of `task.then(f)` waits for belongs to the code that called `then`, and is stopped when that has ended.",
  async (clock) => {
    const log: string[] = [];
    const other = createTask(() => sleep(1));
    const task = createTask(async () => {
      void other.then(() => linger("handler", log)).catch(() => undefined);
      await sleep(10);
    });
    await clock.advance(10);
    await task;
    assert.deepEqual(log, ["handler stopped"]);
  },
);

// emitters

statement(
  "A listener runs for the code that emits: its wait is stopped when the emitting task is cancelled.",
  async () => {
    const log: string[] = [];
    const emitter = new EventEmitter();
    const listening = createTask(async () => {
      emitter.on("ping", () => void linger("listener", log).catch(() => undefined));
      await sleep(60_000);
    });
    const emitting = createTask(async () => {
      emitter.emit("ping");
      await sleep(60_000);
    });
    await waitAllTasksParked();
    await stopAll(listening);
    assert.deepEqual(log, []);
    await stopAll(emitting);
    assert.deepEqual(log, ["listener stopped"]);
  },
);

statement(
  "A listener made with `bind(f)` runs for the task that bound it: its wait is stopped when that task is cancelled.",
  async () => {
    const log: string[] = [];
    const emitter = new EventEmitter();
    const listening = createTask(async () => {
      const listener = bind(() => void linger("listener", log).catch(() => undefined));
      emitter.on("ping", listener);
      await sleep(60_000);
    });
    const emitting = createTask(async () => {
      emitter.emit("ping");
      await sleep(60_000);
    });
    await waitAllTasksParked();
    await stopAll(emitting);
    assert.deepEqual(log, []);
    await stopAll(listening);
    assert.deepEqual(log, ["listener stopped"]);
  },
);

async function stopAll(...tasks: Task<unknown>[]): Promise<void> {
  for (const task of tasks) task.cancel();
  await Promise.allSettled(tasks);
}

statementOfBoth(
  "`once(emitter, name, { signal: currentSignal() })` of `node:events` ends at once, and leaves no listener.",
  async (start) => {
    const emitter = new EventEmitter();
    const work = start(() => once(emitter, "ping", { signal: currentSignal() }));
    await waitAllTasksParked();
    assert.equal(emitter.listenerCount("ping"), 1);
    work.stop();
    await ended(work);
    assert.equal(emitter.listenerCount("ping"), 0);
  },
);

// streams

statement(
  "`for await` over a stream of the platform awaits promises that are not ours: a cancellation arrives at the next wait of ours, in the loop or behind it.",
  async () => {
    const log: string[] = [];
    const source = new PassThrough({ encoding: "utf8" });
    const task = createTask(async () => {
      for await (const chunk of source) {
        log.push(String(chunk));
        await sleep(0);
      }
    });
    await waitAllTasksParked();
    task.cancel();
    await waitAllTasksParked();
    assert.equal(task.done(), false);
    source.write("late");
    await assert.rejects(task, isCancelled);
    assert.deepEqual([log, source.destroyed], [["late"], true]);
  },
);

statementOfBoth("`pipeline(…, { signal: currentSignal() })` ends at once, and destroys its streams.", async (start) => {
  const source = new PassThrough();
  const sink = new PassThrough();
  const work = start(() => pipeline(source, sink, { signal: currentSignal() }));
  await waitAllTasksParked();
  work.stop();
  await ended(work);
  assert.deepEqual([source.destroyed, sink.destroyed], [true, true]);
});

// async generators

async function* count(log: string[]): AsyncGenerator<number, void, undefined> {
  try {
    for (let n = 1; ; n++) {
      await sleep(10);
      yield n;
    }
  } finally {
    log.push("generator closed");
  }
}

statementOfBoth(
  "A generator runs for the code that asks for its next item: a cancellation stops its wait, and its `finally` runs.",
  async (start, clock) => {
    const log: string[] = [];
    const work = start(async () => {
      for await (const n of count(log)) log.push(String(n));
    });
    await clock.advance(15);
    work.stop();
    await ended(work);
    assert.deepEqual(log, ["1", "generator closed"]);
  },
);

statementOfBoth(
  "A cancellation that arrives in the body of `for await` closes the generator as it passes.",
  async (start, clock) => {
    const log: string[] = [];
    const work = start(async () => {
      for await (const n of count(log)) await linger(`body ${n}`, log);
    });
    await clock.advance(15);
    work.stop();
    await ended(work);
    assert.deepEqual(log, ["body 1 stopped", "generator closed"]);
  },
);

statement(
  "A generator that is asked by hand, with `next()`, is not closed when the asking code is cancelled: call its `return()` in a `finally`.",
  async (clock) => {
    const log: string[] = [];
    const generator = count(log);
    const task = createTask(async () => {
      await generator.next();
      await linger("asker", log);
    });
    await clock.advance(15);
    await stopAll(task);
    assert.deepEqual(log, ["asker stopped"]);
    await generator.return();
    assert.deepEqual(log, ["asker stopped", "generator closed"]);
  },
);

// promises that are not ours

statementOfBoth(
  "A bare `await` of a promise that is not ours cannot be interrupted, only left: a cancellation arrives at the next wait of ours.",
  async (start) => {
    const log: string[] = [];
    const { promise, resolve } = Promise.withResolvers<string>();
    const work = start(async () => {
      log.push(await promise);
      await linger("next", log);
    });
    await waitAllTasksParked();
    work.stop();
    await waitAllTasksParked();
    assert.deepEqual([log, work.task.done()], [[], false]);
    resolve("late");
    await ended(work);
    assert.deepEqual(log, ["late", "next stopped"]);
  },
);

statement("A task that ends before it comes to a wait of ours ends cancelled, and its result is dropped.", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const task = createTask(() => promise);
  await waitAllTasksParked();
  task.cancel();
  resolve("late");
  await assert.rejects(task, isCancelled);
});

statementOfBoth(
  "`waitPromise(promise, { onLate })` stops waiting at once; what comes late is given to `onLate`.",
  async (start) => {
    const late: string[] = [];
    const { promise, resolve } = Promise.withResolvers<string>();
    const work = start(() => waitPromise(promise, { onLate: (value) => void late.push(value) }));
    await waitAllTasksParked();
    work.stop();
    await ended(work);
    resolve("connection");
    await waitAllTasksParked();
    assert.deepEqual(late, ["connection"]);
  },
);

statement("A promise that `waitPromise` left and that fails late is reported, and takes nothing down.", async () => {
  const reports: ExceptionContext[] = [];
  const before = setExceptionHandler((context) => reports.push(context));
  const { promise, reject } = Promise.withResolvers<string>();
  await waitAllTasksParked();
  const task = createTask(() => waitPromise(promise, { name: "an old driver" }));
  await waitAllTasksParked();
  await stopAll(task);
  reject(new Error("late"));
  await waitAllTasksParked();
  setExceptionHandler(before);
  assert.equal(reports.length, 1);
  assert.match(reports[0]!.message, /an old driver/);
});

statementOfBoth(
  "Whatever takes an `AbortSignal` ends at once if it is given `currentSignal()`, and after a delivery the next `currentSignal()` is a new one, for what cleans up.",
  async (start) => {
    const aborted: boolean[] = [];
    const work = start(async () => {
      const signal = currentSignal();
      try {
        await abortable(signal);
      } finally {
        aborted.push(signal.aborted, currentSignal().aborted);
      }
    });
    await waitAllTasksParked();
    work.stop();
    await ended(work);
    assert.deepEqual(aborted, [true, false]);
  },
);

statement(
  "The `AbortError` that the platform makes of a cancellation is that cancellation: a `timeout` turns it into a `TimeoutError`, and a task that ends by it was cancelled.",
  async (clock) => {
    const outcome = createTask(() => assert.rejects(timeout(10, nap), TimeoutError));
    await clock.advance(10);
    await outcome;
    const task = createTask(nap);
    await waitAllTasksParked();
    await stopAll(task);
    assert.equal(task.cancelled(), true);
  },
);

function nap(): Promise<void> {
  return delay(60_000, undefined, { signal: currentSignal() });
}

function abortable(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

// functions that take a signal

function throwReason(signal: AbortSignal): void {
  if (signal.aborted) throw signal.reason;
}

async function tidyUp(log: string[]): Promise<void> {
  await sleep(5);
  log.push("cleaned up");
}

// What is awaited of the platform's is not over before the cancellation, however slow the machine is.
let cancelled: Promise<void> = Promise.resolve();

function foreign(ms = 20): Promise<void> {
  return cancelled.then(() => delay(ms));
}

statement(
  "Code that a signal throws out has its clean-up to itself, whatever the clean-up waits for first.",
  async (clock) => {
    for (const first of [() => sleep(1), () => foreign(1), () => Promise.resolve(), () => undefined]) {
      const work = async (log: string[], signal: AbortSignal): Promise<void> => {
        try {
          await abortable(signal);
        } finally {
          await first();
          await tidyUp(log);
        }
      };
      assert.deepEqual(await cancelledInRealTime(work, clock), ["cleaned up", "cancelled"]);
    }
  },
);

type SignalBody = (log: string[], signal: AbortSignal) => Promise<void>;

/** Cancels `body` in a task, which may await what the virtual clock does not move, and tells what it logged. */
async function cancelledInRealTime(body: SignalBody, clock: VirtualClock): Promise<string[]> {
  const log: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  cancelled = promise;
  const task = createTask(() => body(log, currentSignal()));
  await waitAllTasksParked();
  task.cancel("planned");
  await platformTurn(); // what goes on in the turn of the cancellation may have heard
  resolve();
  return await endOf(task, log, clock);
}

/** The same, with a cancellation that comes before `body` asks for the signal. */
async function cancelledBefore(body: SignalBody, clock: VirtualClock): Promise<string[]> {
  const log: string[] = [];
  const task = createTask(async () => {
    await Promise.resolve();
    currentTask()!.cancel("planned");
    await body(log, currentSignal());
  });
  return await endOf(task, log, clock);
}

async function endOf(task: Task<unknown>, log: readonly string[], clock: VirtualClock): Promise<string[]> {
  task.catch(() => undefined);
  while (!task.done()) {
    await foreign(1);
    await clock.advance(5);
  }
  return [...log, task.cancelled() ? "cancelled" : "not cancelled"];
}

statement(
  "Code that a signal does not throw out is cancelled at its next wait, even if what it started in the background has listened.",
  async (clock) => {
    const work = async (log: string[], signal: AbortSignal): Promise<void> => {
      void abortable(signal).catch(() => log.push("background stopped"));
      await foreign();
      await tidyUp(log);
    };
    assert.deepEqual(await cancelledInRealTime(work, clock), ["background stopped", "cancelled"]);
  },
);

statement(
  "`signal.throwIfAborted()` and `throw signal.reason` tell the code that calls them, even if the same function catches them.",
  async (clock) => {
    const throwers = [(signal: AbortSignal) => signal.throwIfAborted(), throwReason];
    for (const thrower of throwers) {
      const work = async (log: string[], signal: AbortSignal): Promise<void> => {
        try {
          await foreign();
          thrower(signal);
        } finally {
          await tidyUp(log);
        }
      };
      assert.deepEqual(await cancelledInRealTime(work, clock), ["cleaned up", "cancelled"]);
    }
  },
);

statement("To look at a signal and go on tells nothing: the next wait throws.", async (clock) => {
  const work = async (log: string[], signal: AbortSignal): Promise<void> => {
    await foreign();
    log.push(`aborted: ${signal.aborted}`);
    await tidyUp(log);
  };
  assert.deepEqual(await cancelledInRealTime(work, clock), ["aborted: true", "cancelled"]);
});

statement(
  "`Promise.all` of what takes the signal and what does not is left at once; `Promise.allSettled` waits for both, and the code behind it is cancelled at its next wait.",
  async (clock) => {
    const all = async (log: string[], signal: AbortSignal): Promise<void> => {
      try {
        await Promise.all([abortable(signal), foreign()]);
      } finally {
        await tidyUp(log);
      }
    };
    const settled = async (log: string[], signal: AbortSignal): Promise<void> => {
      const [first] = await Promise.allSettled([abortable(signal), foreign()]);
      log.push(first.status);
      await tidyUp(log);
    };
    assert.deepEqual(await cancelledInRealTime(all, clock), ["cleaned up", "cancelled"]);
    assert.deepEqual(await cancelledInRealTime(settled, clock), ["rejected", "cancelled"]);
  },
);

statement(
  "An error that lost its cause within Node (the body of a `node:http` response, the operators of `Readable`) is the cancellation all the same: a `timeout` turns it into a `TimeoutError`.",
  async (clock) => {
    const source = new PassThrough({ objectMode: true });
    const outcome = createTask(() =>
      assert.rejects(
        timeout(10, () => source.forEach(() => undefined, { signal: currentSignal() })),
        TimeoutError,
      ),
    );
    await clock.advance(10);
    source.write("an item");
    await outcome;
  },
);

statement(
  "A cancellation that is pending is thrown by every wait that begins in the same step: `Promise.allSettled` of several tasks stops them all.",
  async (clock) => {
    const log: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const task = createTask(async () => {
      const kids = ["one", "two", "three"].map((name) => createTask(() => linger(name, log)));
      await promise;
      await Promise.allSettled(kids);
    });
    await waitAllTasksParked();
    task.cancel();
    resolve();
    await clock.advance(10);
    await Promise.allSettled([task]);
    assert.deepEqual(log, ["one stopped", "two stopped", "three stopped"]);
  },
);

statement(
  "Code with a pending cancellation gets a signal that is aborted already: what throws by it has told the code, as `throwIfAborted()` and `throw signal.reason` have.",
  async (clock) => {
    const throwers: ((signal: AbortSignal) => unknown)[] = [
      (signal) => delay(60_000, undefined, { signal }),
      (signal) => signal.throwIfAborted(),
      throwReason,
    ];
    for (const thrower of throwers) {
      const work: SignalBody = async (log, signal) => {
        try {
          await thrower(signal);
        } finally {
          await tidyUp(log);
        }
      };
      assert.deepEqual(await cancelledBefore(work, clock), ["cleaned up", "cancelled"]);
    }
  },
);

statement(
  "Flows of one scope hear together: one in the background that is thrown out, and then awaits something in a `catch`, has heard for the others. A task of its own hears for itself.",
  async (clock) => {
    const background = async (signal: AbortSignal): Promise<void> => {
      try {
        await abortable(signal);
      } catch {
        await foreign(1);
      }
    };
    const started: Promise<void>[] = [];
    let own: Task<void> | undefined;
    const flow = async (log: string[], signal: AbortSignal): Promise<void> => {
      started.push(background(signal));
      await foreign();
      await tidyUp(log);
    };
    const task = async (log: string[]): Promise<void> => {
      own = createTask(() => background(currentSignal()));
      await foreign();
      await tidyUp(log);
    };
    assert.deepEqual(await cancelledInRealTime(flow, clock), ["cleaned up", "not cancelled"]);
    assert.deepEqual(await cancelledInRealTime(task, clock), ["cancelled"]);
    own?.cancel();
    await Promise.allSettled([...started, own]); // their timers are the platform's, and last a little longer
  },
);

// As `exec` does, without a child process.
function callBack(signal: AbortSignal, callback: (error: Error) => void): void {
  const listener = (): void => callback(Object.assign(new Error("aborted"), { name: "AbortError" }));
  signal.addEventListener("abort", listener, { once: true });
}

statement(
  "A callback that resolves with its error, as in `exec(command, { signal }, (error) => resolve(error))`, throws nothing: the code behind it is cancelled at its next wait.",
  async (clock) => {
    const work = async (log: string[], signal: AbortSignal): Promise<void> => {
      const error = await new Promise<Error>((resolve) => callBack(signal, resolve));
      log.push(error.name);
      await tidyUp(log);
    };
    assert.deepEqual(await cancelledInRealTime(work, clock), ["AbortError", "cancelled"]);
  },
);

statement(
  "Code that reads `signal.reason` and does not throw it has heard all the same: to look, `signal.aborted` is enough.",
  async (clock) => {
    const work: SignalBody = async (log, signal) => {
      await foreign();
      log.push((signal.reason as CancelledError).message);
      await tidyUp(log);
    };
    assert.deepEqual(await cancelledInRealTime(work, clock), ["planned", "cleaned up", "not cancelled"]);
  },
);

// catch {}

statement(
  "A `catch {}` around a wait keeps the cancellation, and the task goes on: it is delivered once.",
  async (clock) => {
    const log: string[] = [];
    const task = createTask(async () => {
      await linger("first", log).catch(() => undefined);
      await linger("second", log, 10);
      return "result";
    });
    await waitAllTasksParked();
    task.cancel();
    await clock.advance(10);
    assert.deepEqual([await task, log], ["result", ["first stopped", "second ended"]]);
  },
);

statement(
  "One `catch {}` does not keep a request alive: after a grace period every wait in it throws again.",
  async (clock) => {
    const log: string[] = [];
    const work = startRequest(async () => {
      for (let turn = 1; turn <= 3; turn++) await linger(`turn ${turn}`, log).catch(() => undefined);
    });
    await waitAllTasksParked();
    work.stop();
    await clock.advance(grace - 1);
    assert.deepEqual([log, work.task.done()], [["turn 1 stopped"], false]);
    await clock.advance(1);
    await ended(work);
    assert.deepEqual(log, ["turn 1 stopped", "turn 2 stopped", "turn 3 stopped"]);
  },
);

statement("A task of your own does the same with `createTask(f, { redeliverAfter: ms })`.", async (clock) => {
  const log: string[] = [];
  const stubborn = async (): Promise<void> => {
    for (let turn = 1; turn <= 2; turn++) await linger(`turn ${turn}`, log).catch(() => undefined);
  };
  const task = createTask(stubborn, { redeliverAfter: 100 });
  await waitAllTasksParked();
  task.cancel();
  await clock.advance(100);
  await Promise.allSettled([task]);
  assert.deepEqual(log, ["turn 1 stopped", "turn 2 stopped"]);
});

statementOfBoth(
  "`finally` runs, and may wait: a cancellation that was delivered is not delivered again before the grace period is over.",
  async (start, clock) => {
    const log: string[] = [];
    const work = start(async () => {
      try {
        await linger("work", log);
      } finally {
        await linger("clean-up", log, grace - 1);
      }
    });
    await waitAllTasksParked();
    work.stop();
    await clock.advance(grace - 1);
    await ended(work);
    assert.deepEqual(log, ["work stopped", "clean-up ended"]);
  },
);

statementOfBoth(
  "A `catch` that passes cancellations on, `if (isCancelled(error)) throw error`, stops the work.",
  async (start) => {
    const log: string[] = [];
    const work = start(async () => {
      try {
        await linger("work", log);
      } catch (error) {
        if (isCancelled(error)) throw error;
        log.push("handled");
      }
      log.push("went on");
    });
    await waitAllTasksParked();
    work.stop();
    await ended(work);
    assert.deepEqual(log, ["work stopped"]);
  },
);

// what a request owns

statement(
  "What a view starts with `createTask` is cancelled with its request, and is over before the request is.",
  async () => {
    const log: string[] = [];
    const started = new Event();
    const work = startRequest(async () => {
      createTask(() => linger("child", log));
      started.set();
      await sleep(60_000);
    });
    await started.wait();
    await waitAllTasksParked();
    work.stop();
    await ended(work);
    assert.deepEqual([log, allTasks().size], [["child stopped"], 1]);
  },
);

// stack traces

async function innermost(): Promise<never> {
  await sleep(1);
  throw new Error("deep");
}

async function middle(): Promise<void> {
  await innermost();
}

async function throughTask(): Promise<void> {
  await createTask(middle);
}

async function throughGather(): Promise<void> {
  await gather(() => sleep(2), middle);
}

async function throughAll(): Promise<void> {
  await Promise.all([sleep(2), createTask(middle)]);
}

statement(
  "The stack of an error runs on through tasks, `gather` and `Promise.all` to the code that awaits, without debug mode.",
  async (clock) => {
    for (const outermost of [throughTask, throughGather, throughAll]) {
      const task = createTask(() => outermost());
      const stack = task.then(String, (error: unknown) => (error as Error).stack ?? "");
      await clock.advance(2);
      for (const { name } of [innermost, middle, outermost])
        assert.match(await stack, new RegExp(`at (async )?${name}\\b`));
    }
  },
);

test("docs/cancellation.md states what is tested here, and nothing else", () => {
  const page = readFileSync(join(import.meta.dirname, "../docs/cancellation.md"), "utf8");
  const statements = [...page.matchAll(/^- (.*)$/gm)].map(([, text]) => text);
  assert.deepEqual(statements, [...stated]);
});
