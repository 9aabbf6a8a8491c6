import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, InvalidStateError, TimeoutError } from "../core/errors/errors.ts";
import { ExceptionGroup } from "../core/errors/exception-group.ts";
import { getEventLoop } from "../run/new-event-loop.ts";
import { runtime } from "../core/state/runtime.ts";
import { sleep } from "../core/waits/sleep.ts";
import { taskGroup } from "./task-group.ts";
import { createTask, currentTask } from "../core/tasks/task.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { moveOnAfter, timeout, timeoutAt, type TimeLimit } from "./timeout.ts";

const passing = { autoAdvance: true };

test(
  "timeout() throws TimeoutError when the body outlives the limit (test_timeout_basic)",
  virtualTime(async (clock) => {
    let limit!: TimeLimit;
    const limited = timeout(50, async (it) => {
      limit = it;
      assert.equal(it.when, 50);
      await sleep(60_000);
    });
    await assert.rejects(limited, (error) => {
      assert.ok(error instanceof TimeoutError);
      assert.ok(error.cause instanceof CancelledError);
      return error.ms === 50;
    });
    assert.deepEqual([limit.expired, clock.now(), clock.timers], [true, 50, 0]);
  }, passing),
);

test(
  "timeout() gives what the body gives in time, and takes its timer back",
  virtualTime(async (clock) => {
    let limit!: TimeLimit;
    const value = await timeout(50, async (it) => {
      limit = it;
      return sleep(49, "in time");
    });
    assert.deepEqual([value, limit.expired, clock.timers], ["in time", false, 0]);
  }, passing),
);

// This must also hold if the seed makes the inner limit fire first.
for (const seed of [undefined, 1, 2, 3, 4, 5]) {
  test(
    `timeout() within timeout() with the same deadline: the inner body is cancelled, only the outer one throws, seed ${seed} (test_nested_timeouts)`,
    virtualTime(
      async () => {
        const limits: TimeLimit[] = [];
        let inside: unknown;
        const limited = timeout(10, async (outer) => {
          limits.push(outer);
          try {
            await timeout(10, async (inner) => {
              limits.push(inner);
              await sleep(60_000);
            });
          } catch (error) {
            inside = error;
            throw error;
          }
        });
        await assert.rejects(limited, TimeoutError);
        assert.ok(inside instanceof CancelledError);
        assert.deepEqual(
          limits.map((limit) => limit.expired),
          [true, true],
        );
        assert.equal(currentTask()?.cancelling(), 0);
      },
      seed === undefined ? passing : { ...passing, seed },
    ),
  );
}

test(
  "timeout(Infinity) sets no limit (test_timeout_disabled)",
  virtualTime(async (clock) => {
    const value = await timeout(Infinity, async (limit) => {
      assert.equal(limit.when, Infinity);
      await sleep(1e9);
      return limit.expired;
    });
    assert.equal(value, false);
    assert.equal(clock.now(), 1e9);
  }, passing),
);

for (const ms of [0, -1, -Infinity]) {
  test(
    `timeout(${ms}) cancels the body at its first wait, even sleep(0) (test_timeout_zero_sleep_zero)`,
    virtualTime(async () => {
      let reached = false;
      const limited = timeout(ms, async () => {
        reached = true;
        await sleep(0);
        assert.fail();
      });
      await assert.rejects(limited, TimeoutError);
      assert.equal(reached, true);
    }),
  );
}

test(
  "timeout(0) of a body that does not wait gives its value",
  virtualTime(async () => {
    assert.equal(await timeout(0, () => "plain"), "plain");
    assert.equal(await timeout(0, async () => "async"), "async");
    await sleep(0); // nothing is left pending
  }),
);

test(
  "timeout() passes another error on, and has not expired (test_foreign_exception_passed)",
  virtualTime(async () => {
    const problem = new RangeError("key");
    let limit!: TimeLimit;
    const limited = timeout(10, async (it) => {
      limit = it;
      throw problem;
    });
    await assert.rejects(limited, problem);
    assert.equal(limit.expired, false);
  }),
);

test(
  "timeout() throws a TimeoutError caused by its CancelledError, also while another error is handled (test_timeout_exception_context)",
  virtualTime(async () => {
    const limited = timeout(10, async () => {
      try {
        throw new RangeError("division by zero");
      } catch {
        await sleep(60_000);
      }
    });
    await assert.rejects(limited, (error) => {
      assert.ok(error instanceof TimeoutError);
      assert.ok(error.cause instanceof CancelledError);
      return (error.cause as Error).message === "time limit of 10 ms";
    });
  }, passing),
);

test(
  "timeout() lets the error of a clean-up that fails through as it is (test_foreign_exception_on_timeout)",
  virtualTime(async () => {
    const problem = new RangeError("division by zero");
    let limit!: TimeLimit;
    const limited = timeout(10, async (it) => {
      limit = it;
      try {
        await sleep(60_000);
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- what a clean-up that fails does
        throw problem;
      }
    });
    await assert.rejects(limited, (error: Error) => error === problem && error.cause === undefined);
    assert.equal(limit.expired, true);
    await sleep(0); // nothing is left pending
    assert.equal(currentTask()?.cancelling(), 0);
  }, passing),
);

test(
  "timeout() lets a cancellation from outside stay what it is (test_foreign_cancel_doesnt_timeout_if_not_expired)",
  virtualTime(async () => {
    let limit!: TimeLimit;
    const task = createTask(() =>
      timeout(1_000, async (it) => {
        limit = it;
        currentTask()!.cancel("from outside");
        await sleep(60_000);
      }),
    );
    await assert.rejects(task, { name: "CancelledError", reason: "from outside" });
    assert.deepEqual([task.cancelled(), limit.expired], [true, false]);
  }),
);

test(
  "timeout() that its task handles leaves the task uncancelled (test_outer_task_is_not_cancelled)",
  virtualTime(async () => {
    const task = createTask(async () => {
      await assert.rejects(
        timeout(1, () => sleep(60_000)),
        TimeoutError,
      );
    });
    await task;
    assert.deepEqual([task.cancelled(), task.done(), task.cancelling()], [false, true, 0]);
  }, passing),
);

test("timeout() within timeout(): the inner one is handled, and the outer one cuts a later sleep, though the loop was busy over both (test_nested_timeouts_loop_busy)", () =>
  checkLeaks(async () => {
    const limits: TimeLimit[] = [];
    let wasHandled = false;
    const limited = timeout(600, async (outer) => {
      limits.push(outer);
      await assert.rejects(
        timeout(10, async (inner) => {
          limits.push(inner);
          for (const end = performance.now() + 30; performance.now() < end;); // blocks the loop past the limit
          await sleep(60_000);
        }),
        TimeoutError,
      );
      wasHandled = true;
      await sleep(60_000);
    });
    await assert.rejects(limited, (error) => error instanceof TimeoutError && error.ms === 600);
    assert.equal(wasHandled, true);
    assert.ok(limits.every((limit) => limit.expired));
  }));

test(
  "TimeLimit.reschedule() moves the limit, which `when` follows; a cancellation from outside then leaves it unexpired (test_reschedule)",
  virtualTime(async (clock) => {
    let limit!: TimeLimit;
    const whens: number[] = [];
    const task = createTask(() =>
      timeout(Infinity, async (it) => {
        limit = it;
        whens.push(it.when);
        it.reschedule(50);
        whens.push(it.when);
        await sleep(20);
        it.reschedule(Infinity);
        whens.push(it.when);
        await sleep(60_000);
      }),
    );
    await clock.advance(1_000);
    assert.deepEqual(whens, [Infinity, 50, Infinity]);
    task.cancel();
    await assert.rejects(task, CancelledError);
    assert.equal(limit.expired, false);
  }),
);

test(
  "TimeLimit.reschedule() lets time run out later, earlier, or at once",
  virtualTime(async (clock) => {
    for (const [ms, after] of [
      [100, 120],
      [1, 21],
      [0, 20],
      [-5, 20],
    ] as const) {
      const start = clock.now();
      const limited = timeout(50, async (limit) => {
        await sleep(20);
        limit.reschedule(ms);
        await sleep(60_000);
      });
      await assert.rejects(limited, (error) => error instanceof TimeoutError && error.ms === ms);
      assert.equal(clock.now() - start, after);
    }
  }, passing),
);

test(
  "timeout(0) within the handling of a cancellation still throws TimeoutError (test_timeout_after_cancellation)",
  virtualTime(async () => {
    const task = createTask(async () => {
      try {
        currentTask()!.cancel();
        await sleep(60_000);
      } catch {
        await assert.rejects(
          timeout(0, () => sleep(60_000)),
          TimeoutError,
        );
      }
      return currentTask()!.cancelling();
    });
    assert.equal(await task, 1);
  }),
);

test(
  "timeout() within the handling of a cancellation leaves a new one what it is (test_cancel_in_timeout_after_cancellation)",
  virtualTime(async () => {
    const task = createTask(async () => {
      try {
        currentTask()!.cancel();
        await sleep(60_000);
      } catch {
        await timeout(1_000, async () => {
          currentTask()!.cancel("new");
          await sleep(60_000);
        });
      }
    });
    await assert.rejects(task, { name: "CancelledError", reason: "new" });
    assert.equal(task.cancelling(), 2);
  }),
);

// asyncio's block can be entered twice or not at all; a function cannot. These misuses remain:

test(
  "TimeLimit.reschedule() throws when the body has ended (test_timeout_finished)",
  virtualTime(async (clock) => {
    const limit = await timeout(10, (it) => it);
    const message = "Cannot reschedule a time limit as its body has ended";
    assert.throws(() => limit.reschedule(5), { name: "InvalidStateError", message });
    assert.equal(clock.timers, 0);
  }),
);

test(
  "TimeLimit.reschedule() throws when time has run out and the body has ended (test_timeout_expired)",
  virtualTime(async () => {
    let limit!: TimeLimit;
    const limited = timeout(10, async (it) => {
      limit = it;
      await sleep(60_000);
    });
    await assert.rejects(limited, TimeoutError);
    const message = "Cannot reschedule a time limit as it has run out: it was 10 ms";
    assert.throws(() => limit.reschedule(5), { name: "InvalidStateError", message });
  }, passing),
);

test(
  "TimeLimit.reschedule() throws when time has run out and the body still cleans up (test_timeout_expiring)",
  virtualTime(async () => {
    let problem: unknown;
    const limited = timeout(10, async (limit) => {
      try {
        await sleep(60_000);
      } finally {
        try {
          limit.reschedule(5);
        } catch (error) {
          problem = error;
        }
      }
    });
    await assert.rejects(limited, TimeoutError);
    assert.ok(problem instanceof InvalidStateError);
  }, passing),
);

test("timeout() works outside any task, unlike asyncio's (test_timeout_without_task)", () =>
  checkLeaks(async () => {
    assert.equal(currentTask(), undefined);
    await assert.rejects(
      timeout(1, () => sleep(60_000)),
      TimeoutError,
    );
    await sleep(0);
  }));

test(
  "timeout() runs its body anew at every call: it cannot be entered twice (test_timeout_already_entered, test_timeout_double_enter, test_timeout_not_entered)",
  virtualTime(async (clock) => {
    const body = async (limit: TimeLimit): Promise<TimeLimit> => limit;
    const [one, other] = [await timeout(10, body), await timeout(10, body)];
    assert.notEqual(one, other);
    // The limit has begun when the call returns, so a limit that was not entered cannot exist.
    let hasBegun = false;
    const limited = timeout(10, async () => {
      hasBegun = true;
    });
    assert.equal(hasBegun, true);
    await limited;
    assert.equal(clock.timers, 0);
  }),
);

test(
  "timeout() around a group whose task fails in its clean-up throws the ExceptionGroup (test_timeout_taskgroup)",
  virtualTime(async () => {
    const problem = new RangeError("division by zero");
    const limited = timeout(10, () =>
      taskGroup(async (group) => {
        group.createTask(async () => {
          try {
            await sleep(60_000);
          } finally {
            // oxlint-disable-next-line no-unsafe-finally -- what a clean-up that fails does
            throw problem;
          }
        });
        await sleep(60_000);
      }),
    );
    await assert.rejects(limited, (error) => {
      assert.ok(error instanceof ExceptionGroup);
      assert.deepEqual(error.errors, [problem]);
      return true;
    });
    await sleep(0);
    assert.equal(currentTask()?.cancelling(), 0);
  }, passing),
);

test(
  "timeout() of a body that keeps the cancellation to itself gives its value, expired, with nothing outstanding",
  virtualTime(async () => {
    const [value, limit] = await timeout(10, async (it) => {
      await sleep(60_000).catch(() => {});
      await sleep(5); // delivered once
      return ["kept", it] as const;
    });
    assert.deepEqual([value, limit.expired, currentTask()?.cancelling()], ["kept", true, 0]);
    await sleep(0);
  }, passing),
);

test(
  "timeout() ends its own flow only: another one of the same task goes on",
  virtualTime(async (clock) => {
    const outcomes = await Promise.allSettled([
      timeout(5, () => sleep(20, "short")),
      timeout(50, () => sleep(20, "long")),
      sleep(30, "free"),
    ]);
    assert.ok(outcomes[0].status === "rejected" && outcomes[0].reason instanceof TimeoutError);
    assert.deepEqual(outcomes.slice(1), [
      { status: "fulfilled", value: "long" },
      { status: "fulfilled", value: "free" },
    ]);
    assert.equal(clock.now(), 30);
  }, passing),
);

test(
  "timeout() cancels a task that its body awaits, and not one that it only started",
  virtualTime(async () => {
    const started: ReturnType<typeof createTask<void>>[] = [];
    const limited = timeout(10, async () => {
      started.push(
        createTask(() => sleep(20)),
        createTask(() => sleep(20)),
      );
      await started[0];
    });
    await assert.rejects(limited, TimeoutError);
    assert.equal(started[0]!.cancelled(), true);
    await started[1];
  }, passing),
);

test(
  "timeout() throws a cancellation that was pending before it",
  virtualTime(async () => {
    const task = createTask(async () => {
      currentTask()!.cancel("before");
      await timeout(0, () => sleep(60_000));
    });
    await assert.rejects(task, { name: "CancelledError", reason: "before" });
  }),
);

test(
  "timeout() whose time runs out in the turn of a cancellation from outside throws that one, once",
  virtualTime(async (clock) => {
    for (const limited of [timeout, moveOnAfter]) {
      const task = createTask(async () => {
        const error = await limited(10, () => sleep(60_000)).catch((caught: unknown) => caught);
        await sleep(5); // it was delivered
        return (error as CancelledError).reason;
      });
      await waitAllTasksParked();
      runtime.timers.add(10, () => task.cancel("outer"), undefined);
      await clock.advance(15);
      assert.equal(await task, "outer");
    }
  }),
);

test(
  "timeoutAt() sets the limit at a moment of the loop's clock",
  virtualTime(async (clock) => {
    await sleep(100);
    const when = getEventLoop().time() + 50;
    const limited = timeoutAt(when, async (limit) => {
      assert.equal(limit.when, when);
      await sleep(60_000);
    });
    await assert.rejects(limited, TimeoutError);
    assert.equal(clock.now(), 150);
    await assert.rejects(
      timeoutAt(100, () => sleep(1)), // in the past
      TimeoutError,
    );
    assert.equal(clock.now(), 150);
    assert.equal(await timeoutAt(Infinity, () => sleep(1, "no limit")), "no limit");
  }, passing),
);

test(
  "moveOnAfter() goes on without an error when time runs out, and gives the value otherwise",
  virtualTime(async (clock) => {
    let limit!: TimeLimit;
    const late = await moveOnAfter(10, async (it) => {
      limit = it;
      return sleep(60_000, "late");
    });
    assert.deepEqual([late, limit.expired, clock.now()], [undefined, true, 10]);
    assert.equal(await moveOnAfter(10, () => sleep(5, "in time")), "in time");
    assert.equal(currentTask()?.cancelling(), 0);
    assert.equal(clock.timers, 0);
  }, passing),
);

test(
  "moveOnAfter() passes other errors and other cancellations on",
  virtualTime(async () => {
    const problem = new Error("no");
    await assert.rejects(
      moveOnAfter(10, async () => {
        throw problem;
      }),
      problem,
    );
    const task = createTask(() => moveOnAfter(60_000, () => sleep(60_000)));
    await waitAllTasksParked();
    task.cancel("stop");
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
  }),
);

for (const [name, limited] of Object.entries({ timeout, timeoutAt, moveOnAfter })) {
  test(`${name}() refuses a time that is none and a body that is no function, and starts nothing`, () =>
    checkLeaks(async () => {
      let isCalled = false;
      const body = async (): Promise<void> => void (isCalled = true);
      const prefix = "Cannot set a time limit as";
      await assert.rejects(limited(Number.NaN, body), {
        name: "RangeError",
        message: new RegExp(`^${prefix}.*current value is NaN$`),
      });
      await assert.rejects(limited("5" as never, body), {
        name: "TypeError",
        message: new RegExp(`^${prefix}.*current value is "5"$`),
      });
      await assert.rejects(limited(5, sleep(0) as never), {
        name: "TypeError",
        message: new RegExp(`^${prefix} a function is needed`),
      });
      assert.equal(isCalled, false);
    }));
}

test(
  "TimeLimit.reschedule() refuses a time that is none, and keeps the limit",
  virtualTime(async () => {
    await timeout(10, async (limit) => {
      assert.throws(() => limit.reschedule(Number.NaN), RangeError);
      assert.throws(() => limit.reschedule("5" as never), TypeError);
      assert.equal(limit.when, 10);
    });
  }),
);

test(
  "timeout() ends its body by an older cancellation on its way out, though limits within it have expired meanwhile",
  virtualTime(
    async () => {
      const foreign = (ms: number): Promise<void> =>
        new Promise((resolve) => createTask(() => sleep(ms)).addDoneCallback(() => resolve()));
      const limited = timeout(1, async () => {
        await foreign(5); // the limit expires while no wait can be interrupted
        await moveOnAfter(30, () =>
          timeout(20, async () => {
            try {
              await sleep(60_000); // the cancellation is thrown here
            } finally {
              await foreign(50); // both limits expire while the cancellation is on its way out
            }
          }),
        );
        return "went on";
      });
      await assert.rejects(limited, { name: "TimeoutError", ms: 1 });
    },
    { autoAdvance: true },
  ),
);
