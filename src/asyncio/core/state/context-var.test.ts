import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { bind, Context, ContextVar, copyContext } from "./context-var.ts";
import { Event } from "../../sync/event.ts";
import { gather } from "../../combine/gather.ts";
import { currentScope } from "../scopes/scope.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, currentTask } from "../tasks/task.ts";
import { virtualTime } from "../../testing/index.ts";
import { timeout } from "../../combine/timeout.ts";

test(
  "ContextVar is copied into a task when it is created, and nothing leaks back (test_context_1)",
  virtualTime(async () => {
    const variable = new ContextVar("variable", "nope");
    const child = async (): Promise<void> => {
      assert.equal(variable.get(), "yes");
      variable.set("no");
      await sleep(0);
      assert.equal(variable.get(), "no");
    };
    const main = async (): Promise<void> => {
      variable.set("yes");
      const task = createTask(child);
      variable.set("later"); // too late for the child
      await task;
      assert.equal(variable.get(), "later");
    };
    await createTask(main);
    assert.equal(variable.get(), "nope");
  }),
);

test(
  "ContextVar keeps a hundred tasks that run at once apart (test_context_3)",
  virtualTime(async () => {
    const variable = new ContextVar("variable", -1);
    const setSeveral = async (n: number): Promise<number> => {
      for (let i = 0; i < 10; i++) {
        variable.set(n + i);
        await sleep(0);
        assert.equal(variable.get(), n + i);
      }
      return variable.get();
    };
    const results = await gather(Array.from({ length: 100 }, (_, n) => () => setSeveral(n * 100)));
    assert.deepEqual(
      results,
      Array.from({ length: 100 }, (_, n) => n * 100 + 9),
    );
    assert.equal(variable.get(), -1);
  }),
);

test(
  "createTask({ context }) shares the context instead of copying it (test_context_5)",
  virtualTime(async () => {
    const variable = new ContextVar<number | undefined>("variable", undefined);
    const context = copyContext();
    const seen: unknown[] = [context.get(variable)];
    for (const value of [1, 2]) {
      await createTask(
        async () => {
          variable.set(value);
          await sleep(0);
        },
        { context },
      );
      seen.push(context.get(variable));
    }
    assert.deepEqual(seen, [undefined, 1, 2]);
    assert.equal(variable.get(), undefined);
  }),
);

test(
  "ContextVar can hold settings for whole libraries, independent in each gathered task (test_asyncio_task_decimal_context)",
  virtualTime(
    async () => {
      const precision = new ContextVar("precision", 28);
      const fraction = async (digits: number, x: number, y: number): Promise<[string, string]> => {
        precision.set(digits);
        const first = (x / y).toFixed(precision.get());
        await sleep(1);
        return [first, (x / y ** 2).toFixed(precision.get())];
      };
      const results = await gather(
        () => fraction(3, 1, 3),
        () => fraction(6, 1, 3),
      );
      assert.deepEqual(results, [
        ["0.333", "0.111"],
        ["0.333333", "0.111111"],
      ]);
      assert.equal(precision.get(), 28);
    },
    { autoAdvance: true },
  ),
);

test(
  "ContextVar.get() gives the default, and throws where there is none",
  virtualTime(async () => {
    assert.equal(new ContextVar<undefined>("empty", undefined).get(), undefined);
    const variable = new ContextVar<number>("user");
    const message = "Cannot get context variable user as it has no value here and no default";
    assert.throws(() => variable.get(), { name: "ReferenceError", message });
    variable.set(1);
    assert.equal(variable.get(), 1);
  }),
);

test(
  "ContextVar.reset() puts back the value from before, or none",
  virtualTime(async () => {
    const variable = new ContextVar<number>("variable");
    const first = variable.set(1);
    const second = variable.set(2);
    variable.reset(second);
    assert.equal(variable.get(), 1);
    variable.reset(first);
    assert.throws(() => variable.get(), ReferenceError);
  }),
);

test(
  "ContextVar.reset() refuses the token of another variable, one that was used, and what is no token",
  virtualTime(async () => {
    const [one, other] = [new ContextVar("one", 1), new ContextVar("other", 1)];
    const token = one.set(2);
    assert.throws(() => other.reset(token), {
      name: "TypeError",
      message: "Cannot reset context variable other by the token of another variable",
    });
    assert.throws(() => one.reset(undefined as never), { name: "TypeError", message: /current value is undefined/ });
    one.reset(token);
    assert.throws(() => one.reset(token), {
      name: "InvalidStateError",
      message: "Cannot reset context variable one by a token that was used before",
    });
    const foreign = await createTask(async () => one.set(3));
    assert.throws(() => one.reset(foreign), {
      name: "TypeError",
      message: "Cannot reset context variable one by a token that was given in another task",
    });
  }),
);

test(
  "ContextVar.set() within a timeout is seen after it, as it is the same task's",
  virtualTime(async () => {
    const variable = new ContextVar("variable", 0);
    await timeout(10, async () => variable.set(1));
    assert.equal(variable.get(), 1);
  }),
);

test("ContextVar works outside any task", () => {
  const variable = new ContextVar("variable", 0);
  const token = variable.set(1);
  assert.equal(variable.get(), 1);
  variable.reset(token);
  assert.equal(variable.get(), 0);
});

test("ContextVar refuses a name that is no string", () => {
  const message = "Cannot make a context variable as its name must be a string: current value is undefined";
  assert.throws(() => new ContextVar(undefined as never), { name: "TypeError", message });
});

test("Context has no public constructor", () => {
  const Constructor = Context as unknown as new () => unknown;
  assert.throws(() => new Constructor(), { name: "TypeError", message: /use copyContext\(\)/ });
});

test(
  "copyContext() is a copy: what is set afterwards is not in it",
  virtualTime(async () => {
    const variable = new ContextVar("variable", 0);
    variable.set(1);
    const context = copyContext();
    variable.set(2);
    assert.equal(context.get(variable), 1);
    assert.equal(context.get(new ContextVar("other", 5)), undefined);
  }),
);

test(
  "createTask({ context }) refuses what is no context",
  virtualTime(async () => {
    const options = { context: {} as never };
    assert.throws(() => createTask(() => sleep(0), options), { name: "TypeError", message: /current value is \{\}/ });
  }),
);

test(
  "bind() runs a callback in the task and context that bound it, whoever calls it",
  virtualTime(async () => {
    const emitter = new EventEmitter();
    const name = new ContextVar("name", "nobody");
    const seen: unknown[] = [];
    const bound = new Event();
    const task = createTask(
      async () => {
        name.set("ada");
        emitter.on("ping", () => seen.push("bare", name.get()));
        emitter.on(
          "ping",
          bind((what: string) => seen.push(what, name.get(), currentTask()?.name, currentScope() === task.scope)),
        );
        await bound.wait();
      },
      { name: "binder" },
    );
    await sleep(0);
    await createTask(async () => {
      name.set("eve");
      emitter.emit("ping", "bound");
    });
    assert.deepEqual(seen, ["bare", "eve", "bound", "ada", "binder", true]);
    bound.set();
    await task;
  }),
);

test("bind() passes arguments and result through, and refuses what is not a function", () => {
  assert.equal(bind((a: number, b: number) => a + b)(1, 2), 3);
  assert.throws(() => bind(5 as never), {
    name: "TypeError",
    message: "Cannot bind as a function is needed: current value is 5",
  });
});
