import assert from "node:assert/strict";
import { test } from "node:test";
import { currentTask, createTask, type Task } from "../core/tasks/task.ts";
import { Future } from "../core/tasks/future.ts";
import { gather } from "../combine/gather.ts";
import { buffer } from "../iterate/buffer.ts";
import { chunk } from "../iterate/chunk.ts";
import { merge } from "../iterate/merge.ts";
import { take } from "../iterate/take.ts";
import { park } from "../core/waits/park.ts";
import { shield } from "../combine/shield.ts";
import { sleep } from "../core/waits/sleep.ts";
import { taskGroup } from "../combine/task-group.ts";
import { moveOnAfter, timeout } from "../combine/timeout.ts";
import { uncancellable } from "../core/scopes/uncancellable.ts";
import { collectReports } from "./collect-reports.fixture.ts";

type Body = () => Promise<unknown>;

// Ends normally although it was cancelled.
async function swallow(body: Body): Promise<void> {
  try {
    await body();
  } catch {
    return;
  }
}

const forever: Body = () => sleep(60_000);

async function cancelled(body: Body, warmUp = 1): Promise<{ task: Task<unknown> }> {
  const task = createTask(body, { name: "worker" });
  for (let i = 0; i < warmUp; i++) await sleep(0);
  task.cancel("please");
  await Promise.allSettled([task]);
  return { task };
}

const swallowers: { name: string; body: Body; warmUp?: number }[] = [
  { name: "a sleep that was interrupted", body: () => swallow(forever) },
  {
    name: "a wait that was refused",
    body: async () => {
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      await swallow(forever);
    },
  },
  { name: "a wait for a task that was cancelled", body: () => swallow(async () => await createTask(forever)) },
  { name: "a gather", body: () => swallow(() => gather(forever, forever)) },
  { name: "a shield", body: () => swallow(() => shield(new Future())) },
  { name: "flows in Promise.allSettled", body: () => Promise.allSettled([forever(), forever()]) },
  {
    name: "a wait that ends when its server has confirmed",
    body: () =>
      swallow(() =>
        park({ kind: "query" }, () => undefined, {
          onCancel: (error, wait) => void setImmediate(() => wait.fail(error)),
        }),
      ),
  },
];

for (const { name, body, warmUp } of swallowers) {
  test(`enableDebug() reports a task that swallows the cancellation of ${name}`, () =>
    collectReports({}, async ({ messages, contexts }) => {
      const { task } = await cancelled(body, warmUp);
      const found = messages.filter((message) => message.includes("swallowed a cancellation"));
      assert.equal(found.length, 1, messages.join("\n"));
      assert.match(
        found[0]!,
        /^Task worker swallowed a cancellation: it was asked to stop \(please\), was told so at .*, and ended as if nothing had happened\./,
      );
      assert.equal(contexts[messages.indexOf(found[0]!)]?.task === task, true);
    }));
}

const obedient: { name: string; body: Body }[] = [
  { name: "passes it on", body: forever },
  {
    name: "cleans up in an async finally",
    body: async () => {
      try {
        await forever();
      } finally {
        await sleep(5);
        await sleep(5);
      }
    },
  },
  {
    name: "throws it again",
    body: async () => {
      try {
        await forever();
      } catch (error) {
        await sleep(1);
        throw error;
      }
    },
  },
  {
    name: "fails with an error of its own",
    body: async () => {
      try {
        await forever();
      } catch {
        throw new TypeError("could not clean up");
      }
    },
  },
  {
    name: "takes it back by uncancel()",
    body: async () => {
      await swallow(forever);
      currentTask()!.uncancel();
      return "done";
    },
  },
  { name: "awaits a group", body: () => taskGroup((group) => void group.createTask(forever)) },
  { name: "awaits a gather", body: () => gather(forever, forever) },
  { name: "is within a timeout", body: () => timeout(30_000, forever) },
];

for (const { name, body } of obedient) {
  test(`enableDebug() does not report a task that ${name}`, () =>
    collectReports({}, async ({ messages }) => {
      await cancelled(body);
      assert.deepEqual(
        messages.filter((message) => message.includes("swallowed")),
        [],
      );
    }));
}

test("enableDebug() reports the body of a timeout that swallows its end", () =>
  collectReports({}, async ({ messages }) => {
    await createTask(() => timeout(1, () => swallow(forever)), { name: "worker" });
    assert.match(
      messages.join("\n"),
      /^A timeout in task worker swallowed a cancellation: it was asked to stop \(.*1 ms.*\), was told so at sleep/,
    );
  }));

test("enableDebug() does not report a limit that a shelter kept from being told, as a limit within the shelter was", () =>
  collectReports({}, async ({ messages }) => {
    await timeout(1, () => uncancellable(() => moveOnAfter(5, forever)));
    assert.deepEqual(
      messages.filter((message) => message.includes("told so at sleep")),
      [],
    );
  }));

test("enableDebug() does not report timeouts and groups that end as they were asked to", () =>
  collectReports({}, async ({ messages }) => {
    await assert.rejects(timeout(1, forever), { name: "TimeoutError" });
    assert.equal(await moveOnAfter(1, forever), undefined);
    await taskGroup(async (group) => {
      group.createTask(forever);
      group.cancel();
      await forever();
    });
    await taskGroup(async (group) => {
      group.createTask(forever);
      group.createTask(async () => group.cancel());
    });
    assert.deepEqual(messages, []);
  }));

test("enableDebug() does not report a task whose child swallowed a cancellation, but the child", () =>
  collectReports({}, async ({ messages }) => {
    await cancelled(async () => await createTask(() => swallow(forever), { name: "child" }), 2);
    assert.deepEqual(
      messages.map((message) => message.split(":")[0]),
      ["Task child swallowed a cancellation"],
    );
  }));

test("enableDebug() does not report a cancellation that came too late to be told", () =>
  collectReports({}, async ({ messages }) => {
    await cancelled(() => uncancellable(() => sleep(5)));
    assert.deepEqual(messages, []);
  }));

async function* count(): AsyncGenerator<number> {
  for (let i = 0; ; i++) yield await sleep(0, i);
}

async function* countOnPromises(): AsyncGenerator<number> {
  for (let i = 0; ; i++) yield await new Promise<number>((resolve) => void setImmediate(resolve, i));
}

const readers: Record<string, (source: () => AsyncGenerator<number>) => AsyncIterable<unknown>> = {
  "buffer()": (source) => buffer(source(), 3),
  "merge()": (source) => merge(source(), source()),
  "chunk()": (source) => chunk(source(), { size: 2, ms: 5 }),
  "take() of buffer()": (source) => take(buffer(source(), 3), 2),
};

for (const [name, read] of Object.entries(readers)) {
  for (const source of [count, countOnPromises]) {
    test(`enableDebug() reports nothing where ${name} of ${source.name}() is left by break`, () =>
      collectReports({ stopGrace: 100 }, async ({ messages }) => {
        await createTask(async () => {
          let left = 2;
          for await (const _ of read(source)) if (--left === 0) break;
          await sleep(200);
        });
        assert.deepEqual(messages, []);
      }));
  }
}

test("enableDebug() reports a source of buffer() that swallows its cancellation and goes on", () =>
  collectReports({ stopGrace: 10 }, async ({ next, messages }) => {
    const end = new Future<void>();
    async function* stubborn(): AsyncGenerator<number> {
      yield 1;
      await swallow(forever);
      await end;
    }
    const reader = createTask(async () => {
      for await (const _ of buffer(stubborn(), 3)) break;
    });
    await next(/^Task buffer source 1 was asked to stop .*, was told so, and goes on: it waits for future /i);
    end.setResult();
    await reader;
    // The task that waits for the source is not to blame.
    assert.deepEqual(
      messages.filter((message) => message.startsWith("Task buffer was")),
      [],
    );
  }));
