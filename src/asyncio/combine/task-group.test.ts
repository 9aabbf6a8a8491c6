import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CancelledError, InvalidStateError, isCancelled } from "../core/errors/errors.ts";
import { Event } from "../sync/event.ts";
import { ExceptionGroup } from "../core/errors/exception-group.ts";
import { setExceptionHandler } from "../core/errors/exception-handler.ts";
import { checkpoint, sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { type TaskGroup, taskGroup } from "./task-group.ts";
import { virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { moveOnAfter, timeout } from "./timeout.ts";
import { uncancellable } from "../core/scopes/uncancellable.ts";

class ZeroDivisionError extends Error {}
class MyError extends Error {}

const passing = { autoAdvance: true };

async function crashSoon(): Promise<never> {
  await sleep(10);
  throw new ZeroDivisionError("divided");
}

/** The class names of the errors in the group that `run` threw; nested groups as arrays. */
async function errorsOf(run: Promise<unknown>): Promise<unknown[]> {
  const error = await caught(run);
  assert.ok(error instanceof ExceptionGroup, `an ExceptionGroup was expected: ${String(error)}`);
  return namesOf(error);
}

function namesOf(group: ExceptionGroup): unknown[] {
  return group.errors.map((error) =>
    error instanceof ExceptionGroup ? namesOf(error) : (error as Error).constructor.name,
  );
}

async function caught(run: Promise<unknown>): Promise<unknown> {
  try {
    await run;
  } catch (error) {
    return error;
  }
  return assert.fail("an error was expected");
}

/** Collects what is reported while `body` runs. */
async function reportsOf(body: () => Promise<unknown>): Promise<string[]> {
  const reports: string[] = [];
  const before = setExceptionHandler(({ message }) => reports.push(message));
  try {
    await body();
  } finally {
    setExceptionHandler(before);
  }
  return reports;
}

// As in asyncio's tests, with lazy and with eager starts.
for (const eagerStart of [false, true]) {
  const options = { eagerStart };
  describe(`taskGroup() with eagerStart ${eagerStart}`, () => {
    test(
      "taskGroup() has all results when it is over (test_taskgroup_01)",
      virtualTime(async () => {
        const tasks: Task<number>[] = [];
        const value = await taskGroup(async (group) => {
          tasks.push(
            group.createTask(() => sleep(100, 42), options),
            group.createTask(() => sleep(200, 11), options),
          );
          return "body";
        });
        assert.equal(value, "body");
        assert.deepEqual(
          tasks.map((task) => task.result()),
          [42, 11],
        );
      }, passing),
    );

    test(
      "taskGroup() goes on when one of its tasks is cancelled alone (test_taskgroup_03)",
      virtualTime(async () => {
        let one!: Task<unknown>;
        let other!: Task<number>;
        await taskGroup(async (group) => {
          one = group.createTask(() => sleep(60_000), options);
          other = group.createTask(() => sleep(100, 11), options);
          await checkpoint();
          one.cancel();
        });
        assert.equal(one.cancelled(), true);
        assert.equal(other.result(), 11);
      }, passing),
    );

    test(
      "taskGroup() cancels siblings and body when a task fails (test_taskgroup_04)",
      virtualTime(async () => {
        const seen: string[] = [];
        let sibling!: Task<unknown>;
        const failed = taskGroup(async (group) => {
          sibling = group.createTask(() => sleep(60_000), options);
          group.createTask(crashSoon, options);
          try {
            await sleep(60_000);
          } catch (error) {
            seen.push(isCancelled(error) ? "body cancelled" : "body failed");
            throw error;
          }
          seen.push("after the block");
        });
        assert.deepEqual(await errorsOf(failed), ["ZeroDivisionError"]);
        assert.deepEqual(seen, ["body cancelled"]);
        assert.equal(sibling.cancelled(), true);
      }, passing),
    );

    test(
      "taskGroup() holds the errors of tasks only, when children fail as they are cancelled (test_cancel_children_on_child_error)",
      virtualTime(async () => {
        const failed = taskGroup(async (group) => {
          for (let i = 0; i < 3; i++) group.createTask(failWhenCancelled, options);
          group.createTask(crashSoon, options);
          await sleep(60_000);
        });
        assert.deepEqual(
          await errorsOf(failed),
          Array.from({ length: 4 }, () => "ZeroDivisionError"),
        );
      }, passing),
    );

    test(
      "taskGroup() cancels its tasks when its parent is cancelled (test_cancellation)",
      virtualTime(async () => {
        const tasks: Task<unknown>[] = [];
        const runner = createTask(() =>
          taskGroup(async (group) => {
            for (let i = 0; i < 5; i++) tasks.push(group.createTask(() => sleep(60_000), options));
          }),
        );
        await sleep(5);
        runner.cancel("enough");
        assert.equal(((await caught(runner)) as CancelledError).reason, "enough");
        assert.equal(runner.cancelled(), true);
        assert.deepEqual(
          tasks.map((task) => task.cancelled()),
          [true, true, true, true, true],
        );
      }, passing),
    );

    test(
      "taskGroup() throws the errors of its tasks rather than a cancellation (test_taskgroup_08)",
      virtualTime(async () => {
        const runner = createTask(() =>
          taskGroup(async (group) => {
            for (let i = 0; i < 2; i++) group.createTask(failWhenCancelled, options);
            await sleep(60_000);
          }),
        );
        await sleep(5);
        runner.cancel();
        assert.deepEqual(await errorsOf(runner), ["ZeroDivisionError", "ZeroDivisionError"]);
        assert.equal(runner.cancelled(), false);
      }, passing),
    );

    test(
      "taskGroup() cancels its tasks when its body fails (test_taskgroup_09)",
      virtualTime(async () => {
        const tasks: Task<unknown>[] = [];
        const failed = taskGroup(async (group) => {
          tasks.push(
            group.createTask(() => sleep(60_000), options),
            group.createTask(() => sleep(60_000), options),
          );
          await checkpoint();
          throw new ZeroDivisionError("body");
        });
        assert.deepEqual(await errorsOf(failed), ["ZeroDivisionError"]);
        assert.deepEqual(
          tasks.map((task) => task.cancelled()),
          [true, true],
        );
      }, passing),
    );

    test(
      "taskGroup() nests the group of an inner one that fails as it is cancelled (test_taskgroup_11)",
      virtualTime(async () => {
        const runner = createTask(() =>
          taskGroup(async () => {
            await taskGroup(async (inner) => {
              inner.createTask(failWhenCancelled, options);
              inner.createTask(failWhenCancelled, options);
              await sleep(60_000);
            });
          }),
        );
        await sleep(5);
        runner.cancel();
        assert.deepEqual(await errorsOf(runner), [["ZeroDivisionError", "ZeroDivisionError"]]);
      }, passing),
    );

    test(
      "taskGroup() unwinds an inner group when a task of the outer one fails (test_taskgroup_13)",
      virtualTime(async () => {
        const innerTasks: Task<unknown>[] = [];
        const failed = taskGroup(async (outer) => {
          outer.createTask(async () => {
            await sleep(10);
            throw new RangeError("outer");
          }, options);
          await taskGroup(async (inner) => {
            innerTasks.push(inner.createTask(() => sleep(60_000), options));
            await sleep(60_000);
          });
        });
        assert.deepEqual(await errorsOf(failed), ["RangeError"]);
        assert.deepEqual(
          innerTasks.map((task) => task.cancelled()),
          [true],
        );
      }, passing),
    );

    test(
      "taskGroup() throws the error of a task that fails while its body takes its time to be cancelled (test_taskgroup_15)",
      virtualTime(async (clock) => {
        let cutAt: number | undefined;
        const runner = createTask(() =>
          taskGroup(async (group) => {
            group.createTask(() => crashAfter(300), options);
            try {
              await sleep(60_000);
            } catch (error) {
              // The cancellation was already delivered, so this waits until the crash cancels it a second time.
              await sleep(500).finally(() => (cutAt = clock.now()));
              throw error;
            }
          }),
        );
        await sleep(100);
        runner.cancel();
        assert.deepEqual(await errorsOf(runner), ["ZeroDivisionError"]);
        assert.equal(cutAt, 300);
      }, passing),
    );

    test(
      "taskGroup() collects the errors of body and task (test_taskgroup_19)",
      virtualTime(async () => {
        const failed = taskGroup(async (group) => {
          group.createTask(crashSoon, options);
          try {
            await sleep(60_000);
          } finally {
            // oxlint-disable-next-line no-unsafe-finally -- a body that fails as it is cancelled
            throw new MyError("body");
          }
        });
        assert.deepEqual(new Set(await errorsOf(failed)), new Set(["MyError", "ZeroDivisionError"]));
      }, passing),
    );

    test(
      "TaskGroup.createTask() may be called by a task of the running group (test_taskgroup_24)",
      virtualTime(async () => {
        const seen: string[] = [];
        await taskGroup(async (group) => {
          group.createTask(async () => {
            await sleep(10);
            group.createTask(async () => {
              await sleep(10);
              seen.push("grandchild");
            }, options);
            seen.push("child");
          }, options);
        });
        assert.deepEqual(seen, ["child", "grandchild"]);
      }, passing),
    );

    test(
      "taskGroup() stops tasks that spawn tasks for ever when one fails (test_taskgroup_25)",
      virtualTime(async () => {
        let heads = 0;
        const failed = taskGroup(async (group) => {
          const hydra = async (): Promise<void> => {
            heads++;
            for (;;) {
              await sleep(10);
              group.createTask(hydra, options);
            }
          };
          group.createTask(hydra, options);
          group.createTask(() => crashAfter(45), options);
        });
        assert.deepEqual(await errorsOf(failed), ["ZeroDivisionError"]);
        const atTheEnd = heads;
        await sleep(100);
        assert.ok(atTheEnd > 4);
        assert.equal(heads, atTheEnd);
      }, passing),
    );

    test(
      "TaskGroup.createTask() refuses while the group is stopping (test_taskgroup_no_create_task_after_failure)",
      virtualTime(async () => {
        const refusals: unknown[] = [];
        const failed = taskGroup(async (group) => {
          group.createTask(crashSoon, options);
          try {
            await sleep(60_000);
          } finally {
            try {
              group.createTask(() => sleep(1), options);
            } catch (error) {
              refusals.push(error);
            }
          }
        });
        assert.deepEqual(await errorsOf(failed), ["ZeroDivisionError"]);
        assert.ok(refusals[0] instanceof InvalidStateError);
        assert.match(refusals[0].message, /is stopping/);
      }, passing),
    );

    test(
      "taskGroup() collects what a resource in its body throws as it closes (test_taskgroup_context_manager_exit_raises)",
      virtualTime(async () => {
        const failed = taskGroup(async (group) => {
          await using resource = {
            async [Symbol.asyncDispose](): Promise<void> {
              throw new MyError("closing");
            },
          };
          assert.ok(resource);
          group.createTask(async () => {
            throw new ZeroDivisionError("task");
          }, options);
          await checkpoint();
          await checkpoint();
        });
        const group = (await caught(failed)) as ExceptionGroup;
        assert.equal(group.errors.length, 2);
        assert.equal(currentTask()?.cancelling(), 0);
      }, passing),
    );

    test(
      "taskGroup() leaves the count of cancellations as it was (test_cancelling_level_preserved)",
      virtualTime(async () => {
        await caught(
          taskGroup(async (group) => {
            group.createTask(crashSoon, options);
            await sleep(60_000);
          }),
        );
        assert.equal(currentTask()?.cancelling(), 0);
        await sleep(1);
      }, passing),
    );

    test(
      "taskGroup() inside a group that is being stopped counts that one's cancellation only (test_nested_groups_both_cancelled)",
      virtualTime(async () => {
        const counts: unknown[] = [];
        const raised = new Event();
        const failed = taskGroup(async (outer) => {
          const inner = taskGroup(async (group) => {
            group.createTask(async () => {
              await raised.wait();
              throw new RangeError("inner");
            }, options);
            try {
              await sleep(60_000);
            } finally {
              raised.set();
              await checkpoint();
            }
          });
          outer.createTask(crashSoon, options);
          counts.push(...(await errorsOf(inner)), currentTask()?.cancelling());
        });
        assert.deepEqual(await errorsOf(failed), ["ZeroDivisionError"]);
        assert.deepEqual([...counts, currentTask()?.cancelling()], ["RangeError", 1, 0]);
      }, passing),
    );

    test(
      "taskGroup() has a cancellation from outside delivered after the group of errors (test_error_and_cancel)",
      virtualTime(async () => {
        const counts: (number | undefined)[] = [];
        const runner = createTask(async () => {
          const me = currentTask()!;
          const group = taskGroup(async (inner) => {
            inner.createTask(failWhenCancelled, options);
            await sleep(60_000);
          });
          assert.deepEqual(await errorsOf(group), ["ZeroDivisionError"]);
          counts.push(me.cancelling());
          const error = await caught(sleep(60_000));
          counts.push(me.cancelling());
          throw error;
        });
        await sleep(5);
        runner.cancel("from outside");
        assert.equal(((await caught(runner)) as CancelledError).reason, "from outside");
        assert.deepEqual(counts, [1, 1]);
        assert.equal(runner.cancelled(), true);
      }, passing),
    );

    test(
      "TaskGroup.createTask() called by a task whose new sibling fails: that task is cancelled at its next wait (test_cancels_task_if_created_during_creation)",
      virtualTime(async () => {
        let cancelled = false;
        const failed = taskGroup(async (group) => {
          group.createTask(async () => {
            group.createTask(async () => {
              throw new ZeroDivisionError("at once");
            }, options);
            try {
              await sleep(1);
              await sleep(60_000);
            } catch (error) {
              cancelled = isCancelled(error);
              throw error;
            }
          }, options);
        });
        assert.deepEqual(await errorsOf(failed), ["ZeroDivisionError"]);
        assert.equal(cancelled, true);
      }, passing),
    );

    test(
      "taskGroup() that has failed leaves nothing for the next wait (test_cancellation_does_not_leak_out_of_tg)",
      virtualTime(async () => {
        const failed = taskGroup(async (group) => {
          group.createTask(async () => {
            throw new ZeroDivisionError("at once");
          }, options);
        });
        assert.deepEqual(await errorsOf(failed), ["ZeroDivisionError"]);
        assert.equal(await sleep(10, "not cancelled"), "not cancelled");
      }, passing),
    );
  });
}

async function failWhenCancelled(): Promise<void> {
  try {
    await sleep(60_000);
  } finally {
    // oxlint-disable-next-line no-unsafe-finally -- a task that fails as it is cancelled
    throw new ZeroDivisionError("on the way out");
  }
}

async function crashAfter(ms: number): Promise<never> {
  await uncancellable(() => sleep(ms));
  throw new ZeroDivisionError(`after ${ms} ms`);
}

test(
  "taskGroup() is entered by being called: each call is a group of its own (test_taskgroup_already_entered, test_taskgroup_double_enter)",
  virtualTime(async () => {
    const groups = new Set<TaskGroup>();
    const body = (group: TaskGroup): void => void groups.add(group);
    await taskGroup(body);
    await taskGroup(body);
    assert.equal(groups.size, 2);
  }),
);

test(
  "TaskGroup.createTask() refuses when the group has finished (test_taskgroup_finished)",
  virtualTime(async () => {
    let group!: TaskGroup;
    await taskGroup((entered) => void (group = entered));
    const refusal = { name: "InvalidStateError", message: "Cannot create a task in this group as it has finished" };
    assert.throws(() => group.createTask(() => sleep(1)), refusal);
  }),
);

test(
  "TaskGroup.createTask() cannot be called before the group is entered: only the body is given one (test_taskgroup_not_entered)",
  virtualTime(async () => {
    let wasOpen = false;
    await taskGroup((group) => void (wasOpen = group.statistics().state === "open"));
    assert.equal(wasOpen, true);
  }),
);

test("taskGroup() works outside any task, cancelled by nobody (test_taskgroup_without_parent_task)", async () => {
  assert.equal(currentTask(), undefined);
  const value = await taskGroup((group) => group.createTask(async () => "from a task"));
  assert.equal(value, "from a task");
});

test(
  "TaskGroup.cancel() ends the group without an error",
  virtualTime(async () => {
    const tasks: Task<unknown>[] = [];
    const value = await taskGroup(async (group) => {
      tasks.push(group.createTask(() => sleep(60_000)));
      group.createTask(async () => {
        await sleep(10);
        group.cancel("found it");
      });
      await sleep(60_000);
      return "not reached";
    });
    assert.equal(value, undefined);
    assert.equal(tasks[0]!.cancelled(), true);
    assert.equal(currentTask()!.cancelling(), 0);
    await sleep(1);
  }, passing),
);

test(
  "TaskGroup.cancel() says why: body and tasks see the reason",
  virtualTime(async () => {
    const reasons: unknown[] = [];
    const see = async (): Promise<void> => {
      reasons.push(((await caught(sleep(60_000))) as CancelledError).reason);
    };
    await taskGroup(async (group) => {
      group.createTask(see);
      await waitAllTasksParked();
      group.cancel("found it");
      await see();
    });
    assert.deepEqual(reasons, ["found it", "found it"]);
  }),
);

test(
  "TaskGroup.cancel() while the body is over keeps what the body returned",
  virtualTime(async () => {
    const value = await taskGroup(async (group) => {
      group.createTask(() => sleep(60_000));
      group.createTask(async () => {
        await sleep(10);
        group.cancel();
      });
      return "body";
    });
    assert.equal(value, "body");
  }, passing),
);

test(
  "TaskGroup.cancel() does nothing when the group is over",
  virtualTime(async () => {
    let group!: TaskGroup;
    await taskGroup((entered) => void (group = entered));
    group.cancel();
    assert.equal(await sleep(1, "not cancelled"), "not cancelled");
  }, passing),
);

test(
  "TaskGroup.cancel() does not hide the error of a task that fails as it is cancelled",
  virtualTime(async () => {
    const failed = taskGroup(async (group) => {
      group.createTask(failWhenCancelled);
      await sleep(5);
      group.cancel();
    });
    assert.deepEqual(await errorsOf(failed), ["ZeroDivisionError"]);
  }, passing),
);

test(
  "TaskGroup.cancel() does not swallow a cancellation from outside",
  virtualTime(async () => {
    const runner = createTask(() =>
      taskGroup(async (group) => {
        group.cancel("inner");
        currentTask()!.cancel("outer");
        await sleep(60_000);
      }),
    );
    assert.equal(((await caught(runner)) as CancelledError).reason, "outer");
    assert.equal(runner.cancelled(), true);
  }, passing),
);

test(
  "TaskGroup.statistics() counts running and failed tasks and tells the state",
  virtualTime(async (clock) => {
    let group!: TaskGroup;
    const failed = createTask(() =>
      taskGroup(async (entered) => {
        group = entered;
        group.createTask(() => sleep(100));
        group.createTask(crashSoon);
        group.createTask(() => uncancellable(() => sleep(30)));
      }),
    );
    await waitAllTasksParked();
    assert.deepEqual(group.statistics(), { running: 3, failed: 0, state: "open" });
    await clock.advance(20);
    assert.deepEqual(group.statistics(), { running: 1, failed: 1, state: "stopping" });
    await clock.advance(10);
    assert.deepEqual(await errorsOf(failed), ["ZeroDivisionError"]);
    assert.deepEqual(group.statistics(), { running: 0, failed: 1, state: "finished" });
  }),
);

test(
  "taskGroup() waits for the clean-up of the tasks that it cancels",
  virtualTime(async () => {
    const seen: string[] = [];
    const failed = taskGroup(async (group) => {
      group.createTask(crashSoon);
      group.createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          await sleep(100);
          seen.push("cleaned up");
        }
      });
    });
    await caught(failed);
    assert.deepEqual(seen, ["cleaned up"]);
  }, passing),
);

test(
  "taskGroup() is ended by the timeout around it, as a TimeoutError and not as a group",
  virtualTime(async () => {
    const limited = timeout(50, () => taskGroup((group) => void group.createTask(() => sleep(60_000))));
    assert.equal(((await caught(limited)) as Error).name, "TimeoutError");
    const value = await moveOnAfter(50, () => taskGroup((group) => void group.createTask(() => sleep(60_000))));
    assert.equal(value, undefined);
  }, passing),
);

test(
  "taskGroup() owns the tasks that its body and its tasks create by createTask(): they end with it",
  virtualTime(async () => {
    const strays: Task<unknown>[] = [];
    await taskGroup(async (group) => {
      strays.push(createTask(() => sleep(60_000)));
      group.createTask(async () => void strays.push(createTask(() => sleep(60_000))));
      await waitAllTasksParked();
    });
    assert.deepEqual(
      strays.map((task) => task.cancelled()),
      [true, true],
    );
  }),
);

test(
  "taskGroup() reports the error of a task that it owns and nobody awaited",
  virtualTime(async () => {
    const reports = await reportsOf(() =>
      taskGroup(async () => {
        createTask(
          async () => {
            throw new MyError("stray");
          },
          { name: "stray" },
        );
        await waitAllTasksParked();
      }),
    );
    assert.deepEqual(reports, ["Task stray failed and nobody awaited it"]);
  }),
);

test(
  "taskGroup() does not report the errors that it throws",
  virtualTime(async () => {
    const reports = await reportsOf(() => caught(taskGroup((group) => void group.createTask(crashSoon))));
    assert.deepEqual(reports, []);
  }, passing),
);

test(
  "taskGroup() counts an error once that its body awaited and passed on",
  virtualTime(async () => {
    const failed = taskGroup(async (group) => {
      await group.createTask(crashSoon);
    });
    const { errors } = (await caught(failed)) as ExceptionGroup;
    assert.deepEqual(new Set(errors).size, 1);
    assert.equal(errors.length, 1);
  }, passing),
);

test("taskGroup() refuses what is not a function, and says what it was given", async () => {
  const cases: [unknown, RegExp][] = [
    [undefined, /current value is undefined/],
    [Promise.resolve(), /current value is a promise that already runs/],
    ["body", /current value is "body"/],
  ];
  for (const [body, message] of cases) {
    await assert.rejects(taskGroup(body as never), { name: "TypeError", message });
  }
});

test(
  "TaskGroup.createTask() refuses what is not a function, and the group goes on",
  virtualTime(async () => {
    await taskGroup(async (group) => {
      assert.throws(() => group.createTask(5 as never), { name: "TypeError", message: /current value is 5/ });
      assert.throws(() => group.createTask(Promise.resolve() as never), { name: "TypeError", message: /a promise/ });
      assert.deepEqual(group.statistics(), { running: 0, failed: 0, state: "open" });
    });
  }),
);

test(
  "TaskGroup.cancel() cancels a task once that another task of the group awaits, so that its clean-up is not cut",
  virtualTime(async (clock) => {
    const counts: number[] = [];
    const group = taskGroup(async (it) => {
      it.createTask(async () => inner);
      const inner = it.createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          await sleep(5);
          counts.push(currentTask()!.cancelling());
        }
      });
      await waitAllTasksParked();
      it.cancel();
    });
    await waitAllTasksParked();
    await clock.advance(5);
    await group;
    assert.deepEqual(counts, [1]);
  }),
);

test(
  "taskGroup() passes a cancellation that was not delivered when its body ended on to its tasks",
  virtualTime(async () => {
    let child!: Task<void>;
    const task = createTask(() =>
      taskGroup(async (group) => {
        child = group.createTask(() => sleep(60_000));
        await sleep(0);
        currentTask()!.cancel("stop");
      }),
    );
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
    await assert.rejects(child, { name: "CancelledError", reason: "stop" });
  }),
);
