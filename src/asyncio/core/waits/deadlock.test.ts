import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { findUncollected } from "../../../base/garbage.fixture.ts";
import { gather } from "../../combine/gather.ts";
import { taskGroup } from "../../combine/task-group.ts";
import { timeout } from "../../combine/timeout.ts";
import { CapacityLimiter } from "../../sync/capacity-limiter.ts";
import { Semaphore } from "../../sync/semaphore.ts";
import { reportCapacityDeadlock } from "./deadlock.ts";
import { setExceptionHandler } from "../errors/exception-handler.ts";
import { Future } from "../tasks/future.ts";
import type { Park, Resource } from "./park.ts";
import { currentScope } from "../scopes/scope.ts";
import { sleep } from "./sleep.ts";
import { WaitQueue } from "./wait-queue.ts";
import { allTasks, createTask, currentTask, type Task } from "../tasks/task.ts";

/** Permits that know their holders, like those of a semaphore or a pool. */
class Permits implements Resource {
  readonly kind = "Permits";
  readonly name: string;
  readonly isBoundToHolder: boolean;
  readonly #total: number;
  readonly #held: Task<unknown>[] = [];
  readonly #waiting = new WaitQueue();

  constructor(total: number, name: string, isBoundToHolder: boolean = false) {
    this.#total = total;
    this.name = name;
    this.isBoundToHolder = isBoundToHolder;
  }

  holders(): Iterable<Task<unknown>> {
    return this.#held.values();
  }

  usage(): string {
    return `${this.#held.length} of ${this.#total} taken`;
  }

  async acquire(): Promise<void> {
    const task = currentTask()!;
    if (this.#held.length >= this.#total) {
      const park = this.#waiting.enter(currentScope(), this);
      reportCapacityDeadlock(park as Park);
      await park.promise();
    }
    this.#held.push(task);
  }

  release(task: Task<unknown> = currentTask()!): void {
    void this.#held.splice(this.#held.indexOf(task), 1);
    this.#waiting.serve();
  }

  async with<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    await this.acquire();
    try {
      return await fn();
    } finally {
      this.release();
    }
  }
}

/** Collects the reports while a test runs, and cancels all tasks at its end. */
function collectReports(context: TestContext): string[] {
  const messages: string[] = [];
  const before = setExceptionHandler(({ message }) => messages.push(message));
  context.after(async () => {
    const tasks = [...allTasks()];
    for (const task of tasks) task.cancel();
    await Promise.allSettled(tasks);
    setExceptionHandler(before);
  });
  return messages;
}

/** Waits until all tasks are waiting and the check has run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) await setImmediate();
}

const scenes: readonly { name: string; body: () => unknown; report: RegExp | undefined }[] = [
  {
    name: "names a task that acquires again what it holds, at once",
    body: () => {
      const db = new Permits(1, "db");
      createTask(() => db.with(() => db.acquire()), { name: "handler" });
    },
    report: /^Deadlock: task handler waits for Permits db \(1 of 1 taken\) held by itself$/,
  },
  {
    name: "names a child that its holder awaits",
    body: () => {
      const db = new Permits(1, "db");
      createTask(() => db.with(async () => await createTask(() => db.acquire(), { name: "child" })), {
        name: "handler",
      });
    },
    report:
      /^Deadlock: task child waits for Permits db \(1 of 1 taken\) held by task handler, which waits for task child$/,
  },
  {
    name: "names a circle through gather()",
    body: () => {
      const db = new Permits(2, "db");
      createTask(
        () =>
          db.with(() =>
            gather(
              [1, 2].map(
                () => () =>
                  db
                    .acquire()
                    .then(() => sleep(0))
                    .then(() => db.acquire()),
              ),
            ),
          ),
        { name: "handler" },
      );
    },
    report:
      /^Deadlock: task .* waits for Permits db \(2 of 2 taken\), held by task handler and task .*; task handler waits for task /,
  },
  {
    name: "names a circle through a group",
    body: () => {
      const db = new Permits(1, "db");
      createTask(
        () => db.with(() => taskGroup((group) => void group.createTask(() => db.acquire(), { name: "child" }))),
        {
          name: "handler",
        },
      );
    },
    report:
      /^Deadlock: task child waits for Permits db \(1 of 1 taken\) held by task handler, which waits for task child$/,
  },
  {
    name: "names every holder, and what each waits for",
    body: () => {
      const db = new Permits(2, "db");
      const handler: Task<unknown> = createTask(() => db.with(async () => (await sleep(0), await db.acquire())), {
        name: "handler",
      });
      createTask(() => db.with(async () => void (await handler)), { name: "child" });
    },
    report:
      /^Deadlock: task handler waits for Permits db \(2 of 2 taken\), held by task handler and task child; task child waits for task handler$/,
  },
  {
    name: "names a circle of two resources",
    body: () => {
      const [red, blue] = [new Permits(1, "red"), new Permits(1, "blue")];
      createTask(() => red.with(async () => (await sleep(0), await blue.acquire())), { name: "A" });
      createTask(() => blue.with(async () => (await sleep(0), await red.acquire())), { name: "B" });
    },
    report:
      /^Deadlock: task (A|B) waits for Permits (blue|red) \(1 of 1 taken\) held by task (B|A), which waits for Permits (red|blue) \(1 of 1 taken\) held by task (A|B)$/,
  },
  {
    name: "names a wait that a time limit will end",
    body: () => {
      const db = new Permits(1, "db");
      createTask(() => db.with(() => timeout(60_000, () => db.acquire())), { name: "handler" });
    },
    report: /^Deadlock: task handler waits for Permits db/,
  },
  {
    name: "names tasks by the request that they are part of",
    body: () => {
      const db = new Permits(1, "db");
      const query = (): Promise<void> => db.with(() => db.acquire());
      createTask(async () => await createTask(query, { name: "first" }), { name: "GET /deadlock", ownsTasks: true });
    },
    report: /^Deadlock: task GET \/deadlock › first waits for Permits db \(1 of 1 taken\) held by itself$/,
  },
  {
    name: "names a holder that waits although a sibling sleeps, if permits are bound to their holders",
    body: () => {
      const db = new Permits(1, "db", true);
      createTask(
        () =>
          db.with(() =>
            gather(
              () => db.acquire(),
              () => sleep(60_000),
            ),
          ),
        { name: "handler" },
      );
    },
    report: /^Deadlock: task .* held by task handler/,
  },
  {
    name: "names a task that acquires a semaphore again that it holds",
    body: () => {
      const db = new Semaphore(1, { name: "db" });
      createTask(async () => (await db.acquire(), await db.acquire()), { name: "handler" });
    },
    report: /^Deadlock: task handler waits for Semaphore db \(1 of 1 taken\) held by itself$/,
  },
  {
    name: "names a circle through Semaphore.with(), although a sibling sleeps",
    body: () => {
      const db = new Semaphore(1, { name: "db" });
      const query = (): Promise<void> => db.with(() => undefined);
      const work = (): Promise<unknown> => gather(query, () => sleep(60_000));
      createTask(() => db.with(work), { name: "handler" });
    },
    report:
      /^Deadlock: task query waits for Semaphore db \(1 of 1 taken\) held by task handler, which waits for task query$/,
  },
  {
    name: "names a circle through a capacity limiter",
    body: () => {
      const db = new CapacityLimiter(1, { name: "db" });
      createTask(() => db.with(async () => await createTask(() => db.acquire(), { name: "child" })), {
        name: "handler",
      });
    },
    report:
      /^Deadlock: task child waits for CapacityLimiter db \(1 of 1 borrowed\) held by task handler, which waits for task child$/,
  },
  {
    name: "reports nothing where a loop acquires permits of a semaphore, and its tasks release them",
    body: () => {
      const db = new Semaphore(3, { name: "db" });
      createTask(async () => {
        for (let i = 0; i < 9; i++) {
          await db.acquire();
          createTask(() => sleep(2).finally(() => db.release()));
        }
      });
    },
    report: undefined,
  },
  {
    name: "reports nothing where many queue at a semaphore",
    body: () => {
      const db = new Semaphore(2, { name: "db" });
      for (let i = 0; i < 9; i++) createTask(() => db.with(() => sleep(1)));
    },
    report: undefined,
  },
  {
    name: "reports nothing while a holder sleeps",
    body: () => {
      const db = new Permits(2, "db");
      createTask(() => db.with(() => sleep(60_000)));
      createTask(() => db.with(() => db.acquire()));
    },
    report: undefined,
  },
  {
    name: "reports nothing while a holder awaits a promise that is not ours",
    body: () => {
      const db = new Permits(1, "db");
      createTask(() => db.with(() => new Promise<void>((resolve) => void setTimeout(resolve, 50))));
      createTask(() => db.acquire());
    },
    report: undefined,
  },
  {
    name: "reports nothing while a holder awaits a future",
    body: () => {
      const db = new Permits(1, "db");
      const future = new Future<void>();
      createTask(() => db.with(() => future));
      createTask(() => db.acquire());
    },
    report: undefined,
  },
  {
    name: "reports nothing while another flow of the holder goes on",
    body: () => {
      const db = new Permits(1, "db");
      createTask(() => db.with(() => Promise.all([createTask(() => db.acquire()), sleep(60_000)])));
    },
    report: undefined,
  },
  {
    name: "reports nothing where permits were handed to tasks that go on",
    body: () => {
      const db = new Permits(3, "db");
      createTask(async () => {
        const self = currentTask()!;
        for (let i = 0; i < 6; i++) {
          await db.acquire();
          createTask(() => sleep(5).finally(() => db.release(self)));
        }
      });
    },
    report: undefined,
  },
  {
    name: "reports nothing where a holder is done: its permit is in other hands",
    body: () => {
      const db = new Permits(1, "db");
      createTask(async () => {
        await createTask(() => db.acquire());
        await db.acquire();
      });
    },
    report: undefined,
  },
];

// This must be the first test, because no timer runs yet.
test("reportCapacityDeadlock() names a circle that its holder closes later, and names it once", async (context) => {
  const messages = collectReports(context);
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [db, gate] = [new Permits(1, "db"), new Future<void>()];
  createTask(
    () =>
      db.with(async () => {
        const child = createTask(() => db.acquire(), { name: "child" });
        await gate;
        await child;
      }),
    { name: "handler" },
  );
  await settle();
  gate.setResult();
  await settle();
  assert.deepEqual(messages, []);
  for (let seconds = 0; seconds < 3; seconds++) {
    context.mock.timers.tick(1_000);
    await settle();
  }
  assert.equal(messages.length, 1);
  assert.match(
    messages[0]!,
    /^Deadlock: task child waits for Permits db \(1 of 1 taken\) held by task handler, which waits for task child$/,
  );
});

test("reportCapacityDeadlock() keeps no task whose wait is over", async () => {
  const db = new Permits(1, "db");
  const compete = async (): Promise<Record<string, WeakRef<object>>> => {
    const tasks = [createTask(() => db.with(() => sleep(1))), createTask(() => db.with(() => sleep(1)))];
    await gather(tasks);
    return { first: new WeakRef(tasks[0]!), second: new WeakRef(tasks[1]!) };
  };
  assert.deepEqual(await findUncollected(await compete()), []);
});

for (const { name, body, report } of scenes) {
  test(`reportCapacityDeadlock() ${name}`, async (context) => {
    const messages = collectReports(context);
    body();
    await settle();
    if (report === undefined) assert.deepEqual(messages, []);
    else assert.match(messages.join("\n"), report);
  });
}
