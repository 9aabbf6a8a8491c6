import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../core/errors/errors.ts";
import { Future } from "../core/tasks/future.ts";
import { Queue } from "../sync/queue.ts";
import { race } from "./race.ts";
import { currentScope, Scope } from "../core/scopes/scope.ts";
import { setExceptionHandler } from "../core/errors/exception-handler.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask } from "../core/tasks/task.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../testing/index.ts";

const passing = { autoAdvance: true };

test(
  "race() gives the result of the first, after the losers were cancelled and are over",
  virtualTime(async (clock) => {
    const order: string[] = [];
    const loser = async (): Promise<string> => {
      try {
        return await sleep(60_000, "loser");
      } finally {
        await sleep(5);
        order.push("loser tidied");
      }
    };
    const winner = await race(loser, () => sleep(10, "winner"));
    order.push(winner);
    assert.deepEqual(order, ["loser tidied", "winner"]);
    assert.equal(clock.now(), 15);
  }, passing),
);

test(
  "race() throws the error of the first, if it failed",
  virtualTime(async () => {
    const problem = new Error("first");
    const fail = async (): Promise<never> => {
      await sleep(5);
      throw problem;
    };
    const other = createTask(() => sleep(60_000));
    await assert.rejects(race(fail, other), problem);
    assert.equal(other.cancelled(), true);
  }, passing),
);

test(
  "race() gives what is done already, the first of them, and cancels the others",
  virtualTime(async () => {
    const [done, running] = [createTask(async () => "done"), createTask(() => sleep(60_000))];
    await done;
    assert.equal(await race(running, done), "done");
    assert.equal(running.cancelled(), true);
  }),
);

const sameTurn: [name: string, act: (future: Future<string>, queue: Queue<string>) => void][] = [
  ["before", (future, queue) => (future.setResult("future"), queue.putNowait("item"))],
  ["after", (future, queue) => (queue.putNowait("item"), future.setResult("future"))],
];

for (const [name, act] of sameTurn) {
  test(
    `race() has its loser take nothing from a queue, also when it is decided in the same turn, ${name} the item comes`,
    virtualTime(async () => {
      const queue = new Queue<string>(Infinity);
      const future = new Future<string>();
      const racing = createTask(() => race(future, () => queue.get()));
      await waitAllTasksParked();
      act(future, queue);
      assert.equal(await racing, "future");
      assert.equal(queue.size, 1);
      assert.equal(await queue.get(), "item");
    }),
  );
}

test(
  "race() that is cancelled in the turn in which an item comes leaves it in the queue",
  virtualTime(async () => {
    const queue = new Queue<string>(Infinity);
    const racing = createTask(() =>
      race(
        () => queue.get(),
        () => sleep(60_000),
      ),
    );
    await waitAllTasksParked();
    racing.cancel();
    queue.putNowait("item");
    await assert.rejects(racing, CancelledError);
    assert.equal(queue.size, 1);
  }),
);

test(
  "race() that is cancelled cancels all that race, once, and awaits them",
  virtualTime(async (clock) => {
    const tidied: number[] = [];
    const runner = (ms: number) => async (): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(ms);
        tidied.push(ms);
      }
    };
    const racing = createTask(() => race(runner(10), runner(30), runner(20)));
    await waitAllTasksParked();
    racing.cancel("stop");
    await clock.advance(29);
    assert.equal(racing.done(), false);
    await clock.advance(1);
    await assert.rejects(racing, { name: "CancelledError", reason: "stop" });
    assert.deepEqual(tidied, [10, 20, 30]);
  }),
);

test(
  "race() that is cancelled while a loser tidies up passes that on, and throws it when the loser is over",
  virtualTime(async (clock) => {
    const steps: string[] = [];
    const loser = async (): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(100).catch(() => steps.push("told twice"));
        await sleep(5);
        steps.push("loser tidied");
      }
    };
    const racing = createTask(async () => {
      await race(loser, () => sleep(10));
      steps.push("went on");
    });
    await clock.advance(50);
    racing.cancel("stop");
    await clock.advance(5);
    await assert.rejects(racing, { name: "CancelledError", reason: "stop" });
    assert.deepEqual(steps, ["told twice", "loser tidied"]);
  }),
);

test(
  "race() throws a cancellation that is pending, and starts nothing",
  virtualTime(async () => {
    let started = false;
    const racing = createTask(async () => {
      currentTask()!.cancel();
      await race(async () => void (started = true));
    });
    await assert.rejects(racing, CancelledError);
    assert.equal(started, false);
  }),
);

test(
  "race() reports no error of a loser",
  virtualTime(async () => {
    const reports: string[] = [];
    const before = setExceptionHandler(({ message }) => reports.push(message));
    try {
      const scope = new Scope(currentScope(), { ownsTasks: true });
      const fail = async (): Promise<string> => {
        try {
          return await sleep(60_000, "never");
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- what a clean-up that fails does
          throw new Error("loser");
        }
      };
      assert.equal(await scope.run(() => race(fail, () => sleep(1, "winner"))), "winner");
      await scope.close();
      assert.deepEqual(reports, []);
    } finally {
      setExceptionHandler(before);
    }
  }, passing),
);

test(
  "race() leaves a foreign promise that loses",
  virtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    assert.equal(await race(promise, () => sleep(5, "winner")), "winner");
    resolve("late");
  }, passing),
);

test("race() refuses an empty race and what cannot race, and starts nothing", () =>
  checkLeaks(async () => {
    await assert.rejects(race(), {
      name: "RangeError",
      message: "Cannot race as there is nothing to race: current value is []",
    });
    let started = false;
    await assert.rejects(
      race(async () => void (started = true), 5 as never),
      {
        name: "TypeError",
        message: "Cannot race as functions, tasks or promises are needed: current value is 5",
      },
    );
    assert.equal(started, false);
  }));
