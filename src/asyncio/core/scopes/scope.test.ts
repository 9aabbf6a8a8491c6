import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { collectGarbage } from "../../../base/garbage.fixture.ts";
import { runProgram } from "../../program.fixture.ts";
import { CancelledError, TimeoutError } from "../errors/errors.ts";
import { Event } from "../../sync/event.ts";
import { setExceptionHandler } from "../errors/exception-handler.ts";
import { Lock } from "../../sync/lock.ts";
import { Queue } from "../../sync/queue.ts";
import { closingGrace } from "./closing.ts";
import { currentScope, currentSignal, Scope } from "./scope.ts";
import { checkpoint, sleep } from "../waits/sleep.ts";
import { createTask, currentTask, type Task } from "../tasks/task.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../../testing/index.ts";
import { taskGroup } from "../../combine/task-group.ts";
import { timeout } from "../../combine/timeout.ts";
import { type Park, park } from "../waits/park.ts";
import { within } from "./within.ts";

const passing = { autoAdvance: true };

function job(): Scope {
  return new Scope(currentScope(), { kind: "job", ownsTasks: true });
}

/** Sleeps in a stack of `depth` calls, so that an error takes several steps to leave it. */
async function nested(depth: number, ms: number): Promise<void> {
  if (depth > 0) await nested(depth - 1, ms);
  else await sleep(ms);
}

async function failSoon(): Promise<never> {
  await sleep(1);
  throw new Error("planned");
}

// Cancelling.

test(
  "Scope.cancel() ends every wait in it and in the scopes within it, and none outside",
  virtualTime(async (clock) => {
    const scope = job();
    const flows = scope.run(() => [sleep(60_000), timeout(50_000, () => sleep(60_000))]);
    const outside = sleep(10, "outside");
    await waitAllTasksParked();
    assert.equal(scope.cancel("stop"), true);
    for (const flow of flows) await assert.rejects(flow, { name: "CancelledError", reason: "stop" });
    await clock.advance(10);
    assert.equal(await outside, "outside");
    await scope.close();
  }),
);

test(
  "Scope.cancel() where nothing waits is delivered at the next wait, once",
  virtualTime(async () => {
    const scope = job();
    scope.cancel("stop");
    await scope.run(async () => {
      await assert.rejects(checkpoint(), { reason: "stop" });
      await checkpoint();
      await sleep(0);
    });
    await scope.close();
  }),
);

test(
  "Scope.cancel() returns false when the scope has ended",
  virtualTime(async () => {
    const scope = job();
    await scope.close();
    assert.equal(scope.isClosed, true);
    assert.equal(scope.cancel(), false);
  }),
);

for (const options of [{ redeliverAfter: Number.NaN }, { redeliverAfter: "soon" as never }]) {
  test(`Scope refuses redeliverAfter: ${options.redeliverAfter}`, () => {
    assert.throws(() => new Scope(currentScope(), options), /time must be a number of milliseconds: current value is/);
  });
}

test(
  "Scope throws out again and again what does not go, but lets everything else have its turn",
  virtualTime(async (clock) => {
    let caught = 0;
    let ticks = 0;
    const scope = new Scope(currentScope(), { redeliverAfter: 100 });
    const flow = scope.run(async () => {
      while (!scope.isClosed) {
        try {
          await sleep(60_000);
        } catch {
          caught++;
        }
      }
    });
    const other = createTask(async () => {
      for (; ticks < 50; ticks++) await sleep(10);
    });
    await waitAllTasksParked();
    scope.cancel();
    await clock.advance(500);
    assert.equal(ticks, 50);
    assert.ok(caught > 10 && caught < 1_000, `${caught}`);
    await other;
    const closing = scope.close(true);
    await clock.advance(closingGrace);
    await closing;
    await clock.advance(100);
    await flow;
  }),
);

// Closing.

test(
  "Scope.close() cancels and awaits the tasks that belong to it",
  virtualTime(async (clock) => {
    const scope = job();
    const order: string[] = [];
    const task = scope.run(() =>
      createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          await sleep(10);
          order.push("tidied");
        }
      }),
    );
    await waitAllTasksParked();
    const closing = createTask(async () => {
      await scope.close();
      order.push("closed");
    });
    await clock.advance(10);
    await closing;
    assert.deepEqual([order, task.cancelled()], [["tidied", "closed"], true]);
    assert.throws(() => task.result(), { reason: "the job it belonged to has ended" });
  }),
);

test(
  "Scope.close() of an empty scope is over at once, and can be called again",
  virtualTime(async () => {
    const scope = job();
    assert.equal(scope.close(), undefined);
    assert.equal(scope.close(), undefined);
    assert.equal(scope.isClosed, true);
  }),
);

test(
  "Scope.close() ends the flows that a failed Promise.all() left, so that none runs on",
  virtualTime(async (clock) => {
    const ended: string[] = [];
    const problem = new Error("no");
    const flow = async (name: string): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        ended.push(name);
      }
    };
    const fail = async (): Promise<never> => {
      await sleep(1);
      throw problem;
    };
    const task = createTask(() => Promise.all([flow("a"), flow("b"), fail()]));
    await clock.advance(1);
    await assert.rejects(task, problem);
    assert.deepEqual(ended, ["a", "b"]);
    assert.equal(clock.timers, 0);
  }),
);

test(
  "Scope.close() cancels and awaits the tasks of a group that stray code has open, though that code awaits something else",
  virtualTime(async (clock) => {
    const log: string[] = [];
    const work = async (): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(20);
        log.push("cleaned up");
      }
    };
    const task = createTask(() =>
      Promise.all([
        failSoon(),
        taskGroup(async (group) => {
          group.createTask(work);
          await new Promise(() => {});
        }),
      ]),
    );
    const outcome = assert.rejects(task, /planned/).then(() => log.push("thrown"));
    await clock.advance(1);
    await clock.advance(20);
    await outcome;
    assert.deepEqual(log, ["cleaned up", "thrown"]);
  }),
);

test(
  "Scope.close() waits for a scope within it that closes, and cancels its tasks once",
  virtualTime(async (clock) => {
    const work = (log: string[]) => async (): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(20);
        log.push(`cleaned up, requests: ${currentTask()!.cancelling()}`);
      }
    };
    const closing = (log: string[]): Promise<unknown> =>
      within({ ownsTasks: true }, async () => {
        createTask(work(log));
        await sleep(0);
      });
    const joining = (log: string[]): Promise<unknown> => taskGroup((group) => void group.createTask(work(log)));
    for (const flow of [closing, joining]) {
      const log: string[] = [];
      const task = createTask(() => Promise.all([failSoon(), flow(log)]));
      const outcome = assert.rejects(task, /planned/).then(() => log.push("thrown"));
      await clock.advance(1);
      await clock.advance(20);
      await outcome;
      assert.deepEqual(log, ["cleaned up, requests: 1", "thrown"]);
    }
  }),
);

test(
  "Scope.close() ends the wait of a flow that lost a Promise.race(): it takes nothing from a queue, and stands in no line",
  virtualTime(async () => {
    const queue = new Queue<string>(Infinity);
    const lock = new Lock();
    await lock.acquire();
    await createTask(() => Promise.race([queue.get(), lock.acquire(), sleep(5, "winner")]));
    queue.putNowait("item");
    assert.equal(queue.size, 1);
    lock.release();
    assert.equal(lock.locked, false);
  }, passing),
);

test(
  "Scope.close() lets the clean-up of a flow that was left await, and waits for it",
  virtualTime(async (clock) => {
    let tidied = false;
    const flow = async (): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        await nested(10, 50);
        await nested(10, 50);
        tidied = true;
      }
    };
    await createTask(() => Promise.race([flow(), sleep(5)]));
    assert.deepEqual([tidied, clock.now()], [true, 105]);
  }, passing),
);

test(
  "Scope.close() of a scope that succeeded leaves the task that a lost flow awaited; of one that failed, it cancels it",
  virtualTime(async (clock) => {
    const [kept, stopped] = [createTask(() => sleep(60_000, "kept")), createTask(() => sleep(60_000))];
    let cancelled = 0;
    const lose = async (task: Task<unknown>): Promise<void> => {
      await task.then(
        () => {},
        () => cancelled++,
      );
    };
    await createTask(async () => void lose(kept));
    const problem = new Error("no");
    const failing = createTask(async () => {
      void lose(stopped);
      throw problem;
    });
    await assert.rejects(failing, problem);
    await waitAllTasksParked();
    assert.deepEqual([kept.cancelling(), stopped.cancelled(), cancelled], [0, true, 1]);
    await clock.advance(60_000);
    assert.equal(await kept, "kept");
  }),
);

test(
  "Scope that has ended throws a flow out that catches everything, but lets everything else have its turn",
  virtualTime(async (clock) => {
    let caught = 0;
    let isOver = false;
    const scope = job();
    const flow = scope.run(async () => {
      for (let round = 0; round < 10_000; round++) {
        await sleep(60_000).catch(() => caught++);
        if (isOver) return;
      }
    });
    const closing = scope.close(true, 20);
    await clock.advance(20);
    await closing;
    const before = caught;
    await clock.advance(100);
    assert.ok(caught - before >= 5 && caught - before <= 20, `${caught - before}`);
    isOver = true;
    await clock.advance(20);
    await flow;
  }),
);

test("Scope.close() of a scope that failed keeps a flow that awaited a task from taking the process down", async () => {
  const { code, stderr, stdout } = await runProgram(`
    import { createTask, run, sleep } from "./index.ts";
    await run(async () => {
      const stopped = createTask(() => sleep(60_000));
      const wait = async () => { await stopped; };
      const failing = createTask(async () => { void wait(); await sleep(1); throw new Error("no"); });
      await failing.catch((error) => console.log(error.message));
      await sleep(5);
      console.log(stopped.cancelled());
    });
  `);
  assert.deepEqual({ code, stderr, stdout }, { code: 0, stderr: "", stdout: "no\ntrue\n" });
});

test(
  "Scope that has ended throws at every wait that begins in it",
  virtualTime(async () => {
    let waitLate!: () => Promise<unknown>;
    const scope = job();
    scope.run(() => (waitLate = () => scope.run(() => sleep(10))));
    await scope.close();
    await assert.rejects(waitLate(), { name: "CancelledError", reason: "its scope has ended" });
  }),
);

test(
  "Scope.close() names what does not stop within its time, and leaves it",
  virtualTime(async (clock) => {
    const reports: string[] = [];
    const before = setExceptionHandler(({ message }) => reports.push(message));
    try {
      const foreign = Promise.withResolvers<void>();
      const scope = job();
      const task = scope.run(() => createTask(() => foreign.promise, { name: "stubborn" }));
      await waitAllTasksParked();
      const closing = createTask(() => scope.close());
      await clock.advance(closingGrace - 1);
      assert.equal(closing.done(), false);
      await clock.advance(1);
      await closing;
      assert.equal(reports.length, 1);
      assert.match(reports[0]!, /stubborn did not stop within 5000 ms after it was cancelled, and was left running/);
      foreign.resolve();
      await assert.rejects(task, CancelledError);
    } finally {
      setExceptionHandler(before);
    }
  }),
);

test(
  "Scope.close() ends tasks that wait for each other in a circle",
  virtualTime(async () => {
    const scope = job();
    const tasks: Task<unknown>[] = [];
    for (const next of [1, 0]) tasks.push(scope.run(() => createTask(async () => void (await tasks[next]))));
    await waitAllTasksParked();
    await scope.close();
    assert.ok(tasks.every((task) => task.cancelled()));
  }),
);

test(
  "Scope takes no tasks once it has ended",
  virtualTime(async () => {
    const scope = job();
    await scope.close();
    const message = "Cannot create a task: the job that would own it has ended";
    assert.throws(() => scope.run(() => createTask(() => sleep(0))), { name: "InvalidStateError", message });
  }),
);

test("currentScope() is never undefined: outside any task it is the root of the process", () => {
  assert.equal(currentScope().kind, "process");
  assert.equal(currentScope().task, undefined);
});

// The ambient signal.

const takers: [name: string, take: (signal: AbortSignal) => Promise<unknown>][] = [
  ["timers", (signal) => wait(60_000, undefined, { signal })],
  ["events", (signal) => once(new EventEmitter(), "never", { signal })],
];

for (const [name, take] of takers) {
  test(`currentSignal() cancels what takes a signal, at once: ${name}`, () =>
    checkLeaks(async () => {
      const task = createTask(() => take(currentSignal()));
      await waitAllTasksParked();
      task.cancel("stop");
      await assert.rejects(task, { name: "CancelledError", reason: "stop" });
      assert.equal(task.cancelled(), true);
    }));

  test(`currentSignal() within timeout() has what takes it end with TimeoutError: ${name}`, () =>
    checkLeaks(async () => {
      const task = createTask(() => timeout(5, () => take(currentSignal())));
      await assert.rejects(task, (error) => error instanceof TimeoutError && error.cause instanceof CancelledError);
    }));
}

test("currentSignal() ends a fetch when its task is cancelled, and another one in the `finally` works", () =>
  checkLeaks(async () => {
    const server = createServer((request, response) => {
      if (request.url === "/slow") return; // never answers
      response.setHeader("connection", "close");
      response.end("tidied");
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    let tidied: string | undefined;
    const task = createTask(async () => {
      try {
        await fetch(`http://127.0.0.1:${port}/slow`, { signal: currentSignal() });
      } finally {
        tidied = await (await fetch(`http://127.0.0.1:${port}/tidy`, { signal: currentSignal() })).text();
      }
    });
    await once(server, "request");
    task.cancel("stop");
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
    assert.equal(tidied, "tidied");
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  }));

test(
  "currentSignal() is aborted by the next delivery, and a new one afterwards, so that a `finally` can use it",
  virtualTime(async () => {
    const signals: AbortSignal[] = [];
    const task = createTask(async () => {
      const signal = currentSignal();
      assert.equal(currentSignal(), signal);
      signals.push(signal);
      try {
        await sleep(60_000);
      } finally {
        signals.push(currentSignal());
        await sleep(0);
      }
    });
    await waitAllTasksParked();
    task.cancel("stop");
    await assert.rejects(task, CancelledError);
    assert.deepEqual(
      signals.map((signal) => signal.aborted),
      [true, false],
    );
    assert.equal((signals[0]!.reason as CancelledError).reason, "stop");
  }),
);

test(
  "currentSignal() is aborted already where a cancellation is pending",
  virtualTime(async () => {
    const task = createTask(async () => {
      currentTask()!.cancel("pending");
      return [currentSignal().aborted, (currentSignal().reason as CancelledError).reason];
    });
    await assert.rejects(task, CancelledError);
    const seen = createTask(async () => {
      currentTask()!.cancel("pending");
      const signal = currentSignal();
      currentTask()!.uncancel();
      return [signal.aborted, (signal.reason as CancelledError).reason, currentSignal().aborted];
    });
    assert.deepEqual(await seen, [true, "pending", false]);
  }),
);

test("currentSignal() of a time limit is aborted when time runs out, and that of the task around it is not", () =>
  checkLeaks(async () => {
    let outer!: AbortSignal;
    let inner!: AbortSignal;
    const task = createTask(async () => {
      outer = currentSignal();
      await timeout(5, () => {
        inner = currentSignal();
        return wait(60_000, undefined, { signal: inner });
      });
    });
    await assert.rejects(task);
    assert.deepEqual([outer.aborted, inner.aborted], [false, true]);
  }));

test(
  "currentSignal() within a time limit is aborted by a cancellation of the task around it",
  virtualTime(async () => {
    let signal!: AbortSignal;
    const task = createTask(() =>
      timeout(60_000, async () => {
        signal = currentSignal();
        await new Event().wait();
      }),
    );
    await waitAllTasksParked();
    task.cancel();
    await assert.rejects(task, CancelledError);
    assert.equal(signal.aborted, true);
  }),
);

test("what was made of currentSignal() by AbortSignal.any() is aborted when it is looked at after garbage was collected", async () => {
  for (const times of [1, 3]) {
    const looked = await timeout(Infinity, async (limit) => {
      const made = Array.from({ length: times }, () => {
        const signal = AbortSignal.any([currentSignal(), new AbortController().signal]);
        currentScope().cancel("once");
        currentScope().uncancel();
        return signal;
      });
      for (let round = 0; round < 5; round++) await collectGarbage();
      assert.equal(limit.expired, false);
      return made.map(({ aborted, reason }) => [aborted, (reason as CancelledError).reason]);
    });
    for (const each of looked) assert.deepEqual(each, [true, "once"]);
  }
});

// Listeners for the end.

test("Scope.onClose() calls its listeners once it has ended, and none that was taken back", () =>
  checkLeaks(async () => {
    const scope = job();
    const calls: string[] = [];
    scope.onClose(() => calls.push(`closed: ${scope.isClosed}`));
    scope.onClose(() => calls.push("taken back"))();
    await scope.close();
    await scope.close();
    assert.deepEqual(calls, ["closed: true"]);
  }));

test("Scope.onClose() in a scope that has ended calls its listener at once", () => {
  const scope = job();
  void scope.close();
  let calls = 0;
  scope.onClose(() => calls++);
  assert.equal(calls, 1);
});

test("Scope.onClose() reports what a listener throws, and calls the others", () => {
  const scope = job();
  const messages: string[] = [];
  const before = setExceptionHandler((context) => messages.push(`${context.message}: ${String(context.error)}`));
  let calls = 0;
  scope.onClose(() => {
    throw new Error("stuck");
  });
  scope.onClose(() => calls++);
  void scope.close();
  setExceptionHandler(before);
  assert.deepEqual([calls, messages], [1, ["A listener to the end of a scope failed: Error: stuck"]]);
});

test("Scope that is made in one that has ended has ended as well", async () => {
  const scope = job();
  void scope.close();
  const inner = new Scope(scope);
  assert.equal(inner.isClosed, true);
  await assert.rejects(
    inner.run(() => sleep(1)),
    { name: "CancelledError", reason: "its scope has ended" },
  );
});

test(
  "Scope.close() leaves a wait that is not ended by its cancellation when the time is over",
  virtualTime(async (clock) => {
    const scope = job();
    let desk!: Park<void>;
    void scope.run(() => park<void>({ kind: "desk" }, (made) => (desk = made), { onCancel: () => undefined }));
    const closed = scope.close(false, 100);
    await waitAllTasksParked();
    assert.deepEqual([scope.isClosed, desk.isWaiting], [false, true]);
    await clock.advance(100);
    await closed;
    assert.deepEqual([scope.isClosed, desk.isWaiting, scope.firstPark], [true, false, undefined]);
  }),
);

test(
  "Scope.close() ends the scopes within it first, the innermost before all",
  virtualTime(async () => {
    const order: string[] = [];
    const scopes = [job()];
    for (const name of ["middle", "innermost"]) {
      const scope = new Scope(scopes.at(-1), { kind: name });
      scope.onClose(() => order.push(name));
      scopes.push(scope);
    }
    scopes[0]!.onClose(() => order.push("outermost"));
    await scopes[0]!.close();
    assert.deepEqual(order, ["innermost", "middle", "outermost"]);
    assert.ok(scopes.every((scope) => scope.isClosed));
  }),
);

test(
  "Scope.close() names the tasks of scopes within it that do not stop",
  virtualTime(async (clock) => {
    const reports: string[] = [];
    const before = setExceptionHandler(({ message }) => reports.push(message));
    const stubborn = Promise.withResolvers<void>();
    const scope = job();
    const inner = scope.run(() => new Scope(currentScope(), { ownsTasks: true }));
    const task = inner.run(() => createTask(() => stubborn.promise, { name: "stubborn" }));
    await sleep(0);
    const closed = scope.close(false, 100);
    await sleep(0);
    await clock.advance(100);
    await closed;
    setExceptionHandler(before);
    assert.match(reports.join(), /^Task stubborn did not stop within 100 ms/);
    stubborn.resolve();
    await assert.rejects(task, { name: "CancelledError" });
  }),
);

test(
  "Scope.close() is over in the turn in which its last task has ended",
  virtualTime(async () => {
    const cleanUp = Promise.withResolvers<void>();
    const scope = job();
    const task = scope.run(() =>
      createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          await cleanUp.promise;
        }
      }),
    );
    task.catch(() => undefined);
    await waitAllTasksParked();
    const closed = scope.close();
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    let isNextTurn = false;
    setImmediate(() => (isNextTurn = true));
    cleanUp.resolve();
    await closed;
    assert.equal(isNextTurn, false);
  }),
);

test(
  "Scope.cancel() ends each of several waits that end by themselves",
  virtualTime(async () => {
    const scope = job();
    const flows = scope.run(() => [sleep(60_000), sleep(60_000), sleep(60_000)]);
    scope.cancel("stop");
    const outcomes = await Promise.allSettled(flows);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["rejected", "rejected", "rejected"],
    );
    await scope.close();
  }),
);

test(
  "Scope.cancel() ends the waits of every branch of the scopes within it",
  virtualTime(async () => {
    const scope = job();
    const nest = (depth: number): Promise<void> => (depth === 0 ? sleep(60_000) : within({}, () => nest(depth - 1)));
    const flows = scope.run(() => [nest(3), nest(1), nest(2), sleep(60_000)]);
    await waitAllTasksParked();
    scope.cancel("stop");
    for (const flow of flows) await assert.rejects(flow, { name: "CancelledError", reason: "stop" });
    await scope.close();
  }),
);

test(
  "currentSignal() that code has looked at was heard, whatever the code ends by",
  virtualTime(async (clock) => {
    const foreign = Promise.withResolvers<void>();
    const poll = async (): Promise<void> => {
      const signal = currentSignal();
      await foreign.promise;
      if (signal.aborted) throw new RangeError("stopped by hand");
    };
    const task = createTask(async () => {
      await assert.rejects(poll(), RangeError);
      await sleep(1);
      return "went on";
    });
    await sleep(0);
    task.cancel("stop");
    await sleep(0);
    foreign.resolve();
    await waitAllTasksParked();
    await clock.advance(1);
    assert.equal(await task, "went on");
  }),
);

test("Scope that has ended keeps code that waits in it later from taking the process down", async () => {
  const { code, stderr, stdout } = await runProgram(`
    import { setTimeout as delay } from "node:timers/promises";
    import { createTask, run, sleep } from "./index.ts";
    await run(async () => {
      const late = async () => { await delay(1); await sleep(1); console.log("not cancelled"); };
      await createTask(async () => void late());
      await sleep(20);
      console.log("over");
    });
  `);
  assert.deepEqual({ code, stderr, stdout }, { code: 0, stderr: "", stdout: "over\n" });
});
