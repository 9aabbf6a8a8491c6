import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { Program, runProgram } from "../program.fixture.ts";
import { ContextVar } from "../core/state/context-var.ts";
import { Event } from "../sync/event.ts";
import { cancellationOf } from "../core/errors/errors.ts";
import { type ExceptionContext, setExceptionHandler } from "../core/errors/exception-handler.ts";
import { run, Runner } from "./runner.ts";
import { checkpoint, sleep } from "../core/waits/sleep.ts";
import { allTasks, createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { checkLeaks } from "../testing/index.ts";
import { waitPromise } from "../core/waits/wait-promise.ts";

const quickly = { shutdownTimeout: 20 };

/** Collects the reports until the test ends. */
function collectReports(t: TestContext): ExceptionContext[] {
  const reports: ExceptionContext[] = [];
  const before = setExceptionHandler((context) => reports.push(context));
  t.after(() => setExceptionHandler(before));
  return reports;
}

describe("run()", () => {
  test("run() returns what main returns, from an async and from a plain function (test_asyncio_run_return)", async () => {
    assert.equal(await run(() => sleep(1, 42)), 42);
    assert.equal(await run(() => 42), 42);
  });

  test("run() throws what main throws, and reports nothing (test_asyncio_run_raises)", async (t) => {
    const reports = collectReports(t);
    const error = new RangeError("spam");
    for (const handleSignals of [true, false]) {
      const failing = run(
        async () => {
          await checkpoint();
          throw error;
        },
        { handleSignals },
      );
      await assert.rejects(failing, (thrown) => thrown === error);
    }
    assert.deepEqual(reports, []);
  });

  test("run() refuses what is not a function, and says what it was given (test_asyncio_run_only_coro)", async () => {
    for (const [main, shown] of [
      [undefined, "undefined"],
      [5, "5"],
      [Promise.resolve(), "a promise that already runs"],
    ] as const) {
      const refusal = {
        name: "TypeError",
        message: new RegExp(`Cannot run a program as a function is needed: current value is ${shown}`),
      };
      await assert.rejects(run(main as never), refusal);
      await assert.rejects(new Runner().run(main as never), refusal);
    }
  });

  test("run() refuses a shutdownTimeout that is no time", async () => {
    await assert.rejects(
      run(() => 1, { shutdownTimeout: NaN }),
      { name: "RangeError", message: /current value is NaN/ },
    );
    await assert.rejects(
      run(() => 1, { shutdownTimeout: "5" as never }),
      { name: "TypeError", message: /current value is "5"/ },
    );
  });

  test("run() refuses to run within a program, which goes on (test_asyncio_run_from_running_loop)", async () => {
    const value = await run(async () => {
      const refusal = {
        name: "InvalidStateError",
        message: "Cannot run a program as one is running: await it instead",
      };
      await assert.rejects(
        run(() => 1),
        refusal,
      );
      return "went on";
    });
    assert.equal(value, "went on");
    assert.equal(await run(() => "again"), "again");
  });

  test("run() cancels and awaits what main left running (test_asyncio_run_cancels_hanging_tasks)", async () => {
    const cleaned: string[] = [];
    let left!: Task<unknown>;
    await checkLeaks(() =>
      run(async () => {
        left = createTask(async () => {
          try {
            await sleep(60_000);
          } finally {
            await sleep(1);
            cleaned.push("cleaned up");
          }
        });
        await checkpoint();
      }),
    );
    assert.deepEqual([left.cancelled(), cleaned, allTasks().size], [true, ["cleaned up"], 0]);
  });

  test("run() reports what fails while it is cancelled at the end, and returns main's value all the same (test_asyncio_run_reports_hanging_tasks_errors)", async (t) => {
    const reports = collectReports(t);
    const error = new Error("while it was cancelled");
    const value = await run(async () => {
      createTask(
        async () => {
          try {
            await sleep(60_000);
          } catch {
            throw error;
          }
        },
        { name: "left" },
      );
      await checkpoint();
      return 42;
    });
    assert.equal(value, 42);
    assert.equal(reports.length, 1);
    assert.match(reports[0]!.message, /Task left failed/);
    assert.deepEqual([reports[0]!.error, reports[0]!.task?.name], [error, "left"]);
  });

  test("run() closes async generators that its tasks were reading, also when others fail (test_asyncio_run_closes_gens_after_hanging_tasks_errors)", async (t) => {
    const reports = collectReports(t);
    const closed: string[] = [];
    async function* ticks(): AsyncGenerator<number> {
      try {
        for (let n = 0; ; n++) {
          yield n;
          await sleep(60_000);
        }
      } finally {
        await sleep(1);
        closed.push("closed");
      }
    }
    await run(async () => {
      createTask(async () => {
        for await (const _ of ticks());
      });
      createTask(() => sleep(60_000).finally(() => assert.fail("on the way out")));
      await checkpoint();
      await sleep(1);
    });
    assert.deepEqual([closed, reports.length], [["closed"], 1]);
  });

  test("run() names a task that does not stop, and leaves it", async (t) => {
    const reports = collectReports(t);
    const foreign = Promise.withResolvers<void>();
    await run(async () => {
      createTask(() => foreign.promise, { name: "stuck" });
      await checkpoint();
    }, quickly);
    assert.deepEqual(
      reports.map(({ message }) => message),
      [
        "Task stuck did not stop within 20 ms after it was cancelled, and was left running: it awaits nothing that can be cancelled",
      ],
    );
    foreign.resolve();
  });

  test("run() names a promise that was left and is still pending at the end", async (t) => {
    const reports = collectReports(t);
    const foreign = Promise.withResolvers<void>();
    await run(async () => {
      createTask(() => waitPromise(foreign.promise, { name: "the slow API" }));
      await checkpoint();
      await checkpoint();
    }, quickly);
    assert.deepEqual(
      reports.map(({ message }) => message),
      ["A promise that was left is still pending at the end: the slow API"],
    );
    foreign.resolve();
    await foreign.promise;
  });

  test("run() leaves no listener, timer or handle behind, whether main succeeds or fails", async () => {
    await checkLeaks(async () => {
      await run(() => sleep(1));
      await assert.rejects(
        run(() => {
          throw new RangeError("at once");
        }),
        RangeError,
      );
    });
  });

  test("run() names its task main, in which currentTask() and allTasks() see it", async () => {
    const [name, has] = await run(() => [currentTask()!.name, allTasks().has(currentTask()!)] as const);
    assert.deepEqual([name, has], ["main", true]);
  });
});

describe("Runner", () => {
  test("Runner.run() keeps the values of context variables from one run to the next (test_run_keeps_context)", async () => {
    const variable = new ContextVar("variable", "default");
    await using runner = new Runner();
    assert.equal(await runner.run(() => (variable.set("first"), variable.get())), "first");
    assert.equal(await runner.run(async () => variable.get()), "first");
    assert.equal(variable.get(), "default");
  });

  test("Runner.run() lets tasks that a run left go on in the next", async () => {
    await using runner = new Runner();
    const left = await runner.run(() => ({ task: createTask(() => sleep(1, "done")) }));
    assert.equal(await runner.run(() => left.task), "done");
  });

  test("Runner refuses to run again when it is closed (test_second_with_block_raises)", async () => {
    const runner = new Runner();
    {
      await using open = runner;
      await open.run(() => 1);
    }
    await assert.rejects(
      runner.run(() => 2),
      { name: "InvalidStateError", message: "Cannot run a program as its runner is closed" },
    );
  });

  test("Runner.close() can be called again, and waits as the first call does (test_double_close)", async () => {
    const runner = new Runner();
    let cleaned = false;
    await runner.run(async () => {
      createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          await sleep(5);
          cleaned = true;
        }
      });
      await checkpoint();
    });
    const closing = runner.close();
    await runner.close();
    assert.equal(cleaned, true);
    await closing;
    await runner.close();
  });

  test("Runner.close() refuses while its program runs", async () => {
    await using runner = new Runner();
    const ready = new Event();
    const running = runner.run(() => ready.wait());
    await assert.rejects(runner.close(), {
      name: "InvalidStateError",
      message: "Cannot close a runner as its program is running",
    });
    ready.set();
    await running;
  });
});

// How a program ends can only be seen from outside, so these tests run programs.

const prelude = `
  import { createTask, currentTask, Event, Future, KeyboardInterrupt, run, Runner, sleep, waitPromise } from "./index.ts";
  const say = (text: unknown) => console.log(String(text));
`;

async function interrupt(
  source: string,
  signal: NodeJS.Signals,
  ready = "ready",
): Promise<Awaited<ReturnType<Program["ending"]>>> {
  using program = new Program(prelude + source);
  await program.printed(ready);
  program.kill(signal);
  return await program.ending();
}

describe("run() and signals", () => {
  const cleansUp = `
    await run(async () => {
      createTask(async () => { try { await sleep(60_000); } finally { await sleep(5); say("child cleaned up"); } });
      try { say("ready"); await sleep(60_000); } finally { await sleep(5); say("main cleaned up"); }
    });
    say("not reached");
  `;
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    test(`run() ended by ${signal} runs finally blocks, leaves nothing, and ends with code ${code}`, async () => {
      const ending = await interrupt(cleansUp, signal);
      const stdout = "ready\nmain cleaned up\nchild cleaned up\n";
      assert.deepEqual(ending, { code, signal: null, stdout, stderr: "" });
    });
  }

  test("run() ended by SIGINT cancels main, and throws a KeyboardInterrupt (test_interrupt_call_soon)", async () => {
    const { stdout, code } = await interrupt(
      `
      await run(async () => {
        try { say("ready"); for (;;) await sleep(0); } catch (error) { say(error.name); throw error; }
      }).catch((error) => say(error instanceof KeyboardInterrupt && error.signal));
      `,
      "SIGINT",
    );
    assert.deepEqual([stdout, code], ["ready\nCancelledError\nSIGINT\n", 0]);
  });

  test("run() ended by SIGINT cancels the future that main awaits (test_interrupt_wait)", async () => {
    const { stdout } = await interrupt(
      `
      const future = new Future();
      await run(async () => { say("ready"); await future; }).catch((error) => say(error.name));
      say(future.cancelled());
      `,
      "SIGINT",
    );
    assert.equal(stdout, "ready\nKeyboardInterrupt\ntrue\n");
  });

  test("run() ended by SIGINT when another task had cancelled main throws the CancelledError (test_interrupt_cancelled_task)", async () => {
    const { stdout } = await interrupt(
      `
      await run(async () => {
        const main = currentTask();
        createTask(async () => { main.cancel("by a task"); say("ready"); });
        try { await sleep(60_000); } finally { await sleep(60_000); }
      }).catch((error) => say(error.name));
      `,
      "SIGINT",
    );
    assert.equal(stdout, "ready\nCancelledError\n");
  });

  test("run() whose main keeps the cancellation to itself returns what main returns", async () => {
    const { stdout, code } = await interrupt(
      `
      say(await run(async () => { try { say("ready"); await sleep(60_000); } catch { return "kept"; } }));
      `,
      "SIGINT",
    );
    assert.deepEqual([stdout, code], ["ready\nkept\n", 0]);
  });

  test("run() that hears the same signal again within 100 ms takes it for the same key press", async () => {
    using program = new Program(`${prelude}
      await run(async () => {
        try { say("ready"); await sleep(60_000); } finally { say("cleaning"); await sleep(150); say("cleaned up"); }
      });
    `);
    await program.printed("ready");
    program.kill("SIGINT");
    await program.printed("cleaning");
    program.kill("SIGINT");
    assert.deepEqual(await program.ending(), {
      code: 130,
      signal: null,
      stdout: "ready\ncleaning\ncleaned up\n",
      stderr: "",
    });
  });

  test("run() that hears a second signal ends the process at once", async () => {
    using program = new Program(`${prelude}
      await run(async () => {
        try { say("ready"); await sleep(60_000); } finally { await sleep(120); say("late"); await sleep(60_000); say("not reached"); }
      });
    `);
    await program.printed("ready");
    program.kill("SIGINT");
    await program.printed("late");
    program.kill("SIGINT");
    assert.deepEqual(await program.ending(), { code: 130, signal: null, stdout: "ready\nlate\n", stderr: "" });
  });

  test("run() that hears another signal ends the process at once, with that signal's code", async () => {
    using program = new Program(`${prelude}
      await run(async () => {
        try { say("ready"); await sleep(60_000); } finally { say("cleaning"); await sleep(60_000); }
      });
    `);
    await program.printed("ready");
    program.kill("SIGINT");
    await program.printed("cleaning");
    program.kill("SIGTERM");
    assert.equal((await program.ending()).code, 143);
  });

  test("run() lets what main left clean up although a key press arrives twice", async () => {
    using program = new Program(`${prelude}
      await run(async () => {
        createTask(async () => { try { await sleep(60_000); } finally { say("cleaning"); await sleep(150); say("cleaned up"); } });
        say("ready");
        await sleep(60_000);
      });
    `);
    await program.printed("ready");
    program.kill("SIGINT");
    await program.printed("cleaning"); // main has ended, the runner is closing
    program.kill("SIGINT");
    assert.deepEqual(await program.ending(), {
      code: 130,
      signal: null,
      stdout: "ready\ncleaning\ncleaned up\n",
      stderr: "",
    });
  });

  test("run() that hears the first signal while what main left cleans up lets it finish, and throws then", async () => {
    const ending = await interrupt(
      `
      await run(async () => {
        createTask(async () => { try { await sleep(60_000); } finally { say("cleaning"); await sleep(50); say("cleaned up"); } });
        await sleep(1);
      });
      say("not reached");
      `,
      "SIGINT",
      "cleaning",
    );
    assert.deepEqual(ending, { code: 130, signal: null, stdout: "cleaning\ncleaned up\n", stderr: "" });
  });

  test("run() that hears a second signal while what main left cleans up ends the process at once", async () => {
    using program = new Program(`${prelude}
      await run(async () => {
        createTask(async () => {
          try { await sleep(60_000); } finally { await sleep(120); say("late"); await sleep(60_000); }
        });
        say("ready");
        await sleep(60_000);
      });
    `);
    await program.printed("ready");
    program.kill("SIGINT");
    await program.printed("late");
    program.kill("SIGINT");
    assert.deepEqual(await program.ending(), { code: 130, signal: null, stdout: "ready\nlate\n", stderr: "" });
  });

  test("run() is not held by a foreign promise that never settles, and names who waits for it", async () => {
    const { code, stderr } = await interrupt(
      `
      const never = new Promise(() => {});
      await run(async () => {
        createTask(() => never, { name: "child" });
        say("ready");
        await never;
      }, { shutdownTimeout: 30 });
      `,
      "SIGINT",
    );
    assert.equal(code, 130);
    assert.match(
      stderr,
      /main did not stop within 30 ms after .*Ended by SIGINT.*: it awaits nothing that can be cancelled/,
    );
    assert.match(stderr, /Task child did not stop within 30 ms/);
  });

  test("run() ended by a signal names a promise that waitPromise() had to leave", async () => {
    const { code, stderr } = await interrupt(
      `
      await run(async () => { say("ready"); await waitPromise(new Promise(() => {}), { name: "the slow API" }); });
      `,
      "SIGINT",
    );
    assert.equal(code, 130);
    assert.match(stderr, /A promise that was left is still pending at the end: the slow API/);
  });

  test("run() with handleSignals: false leaves signals to the platform", async () => {
    const { code, signal } = await interrupt(
      `await run(async () => { say("ready"); await sleep(60_000); }, { handleSignals: false });`,
      "SIGINT",
    );
    assert.deepEqual([code, signal], [null, "SIGINT"]);
  });
});

describe("run() and the process", () => {
  test("run() holds the process open while main waits for what does not", async () => {
    const { code, stdout } = await runProgram(`${prelude}
      const event = new Event();
      setTimeout(() => event.set(), 30).unref();
      await run(() => event.wait());
      say("over");
    `);
    assert.deepEqual([code, stdout], [0, "over\n"]);
  });

  test("run() lets go of the process when it is over", async () => {
    const { code, stdout } = await runProgram(`${prelude}
      await run(async () => { createTask(() => sleep(60_000)); await sleep(1); });
      say("over");
    `);
    assert.deepEqual([code, stdout], [0, "over\n"]);
  });

  test("run() that fails ends the process with code 1 and the full error", async () => {
    const { code, stderr } = await runProgram(`${prelude}
      async function main() { await sleep(1); throw new Error("outer", { cause: new RangeError("inner") }); }
      await run(main);
    `);
    assert.equal(code, 1);
    assert.match(stderr, /Error: outer\n {4}at main \(.*\[cause\]: RangeError: inner/s);
  });

  test("run() whose promise nobody awaits fails the process all the same", async () => {
    const { code, stderr } = await runProgram(`${prelude}
      void run(async () => { throw new Error("not awaited"); });
    `);
    assert.equal(code, 1);
    assert.match(stderr, /Error: not awaited/);
  });
});

test("run() whose main cancels itself throws the CancelledError", async () => {
  const main = run(async () => {
    currentTask()!.cancel("by itself");
    await sleep(1);
  });
  await assert.rejects(main, (error) => cancellationOf(error)?.reason === "by itself");
});

test("run() hands the context variables that main sets to the tasks that it creates", async () => {
  const user = new ContextVar("user", "nobody");
  const seen = await run(async () => {
    user.set("ada");
    return await createTask(async () => user.get());
  });
  assert.equal(seen, "ada");
});

describe("run() and what is deep or many", () => {
  test("run() ended by SIGINT cancels a chain of 100,000 tasks that each await the one before, and runs every finally", async () => {
    const { code, stdout, stderr } = await interrupt(
      `
      let cleaned = 0;
      process.on("exit", () => say(cleaned));
      await run(async () => {
        let before = createTask(async () => { try { await sleep(60_000); } finally { cleaned++; } });
        for (let n = 1; n < 100_000; n++) {
          const last = before;
          before = createTask(async () => { try { await last; } finally { cleaned++; } });
        }
        await sleep(1);
        say("ready");
        await before;
      });
      `,
      "SIGINT",
    );
    assert.deepEqual([code, stdout, stderr], [130, "ready\n100000\n", ""]);
  });

  test("run() ended by SIGINT names the tasks of a deep chain that do not stop, and leaves them within its bound", async () => {
    const { code, stderr } = await interrupt(
      `
      const never = new Promise(() => {});
      await run(async () => {
        let before = createTask(() => never, { name: "stuck" });
        for (let n = 1; n < 1_000; n++) {
          const last = before;
          before = createTask(async () => { await last; }, { name: "link" + n });
        }
        await sleep(1);
        say("ready");
        await before;
      }, { shutdownTimeout: 50 });
      `,
      "SIGINT",
    );
    assert.equal(code, 130);
    assert.match(stderr, /Task stuck did not stop within 50 ms/);
  });
});
