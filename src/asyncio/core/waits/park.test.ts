import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";
import { type CancelledError, TimeoutError } from "../errors/errors.ts";
import { setExceptionHandler } from "../errors/exception-handler.ts";
import { type Park, park } from "./park.ts";
import { sleep } from "./sleep.ts";
import { createTask, currentTask } from "../tasks/task.ts";
import { timeout } from "../../combine/timeout.ts";

const resource = { kind: "desk" };

test(
  "park() gives back what it was woken with when it was cancelled in the same turn, and throws",
  virtualTime(async () => {
    const back: string[] = [];
    let wait!: Park<string>;
    const task = createTask(() => park<string>(resource, (made) => (wait = made), { giveBack: (it) => back.push(it) }));
    await waitAllTasksParked();
    wait.wake("key");
    task.cancel("stop");
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
    assert.deepEqual(back, ["key"]);
  }),
);

test(
  "park() without giveBack keeps its value, and the cancellation arrives at the next wait",
  virtualTime(async () => {
    let wait!: Park<string>;
    let value: string | undefined;
    const task = createTask(async () => {
      value = await park<string>(resource, (made) => (wait = made));
      await sleep(1);
    });
    await waitAllTasksParked();
    wait.wake("key");
    task.cancel("stop");
    await assert.rejects(task, { reason: "stop" });
    assert.equal(value, "key");
  }),
);

test(
  "park() with onCancel ends when that says so; if it throws, that is reported, and the wait ends by the cancellation",
  virtualTime(async () => {
    let wait!: Park<string>;
    let value: string | undefined;
    const held = createTask(async () => {
      value = await park<string>(resource, (made) => (wait = made), { onCancel: () => undefined });
    });
    const broken = createTask(() =>
      park<string>(resource, () => undefined, {
        onCancel: () => {
          throw new RangeError("cannot be told");
        },
      }),
    );
    await waitAllTasksParked();
    held.cancel();
    await waitAllTasksParked();
    assert.equal(held.done(), false);
    wait.wake("in time");
    await assert.rejects(held, { name: "CancelledError" });
    assert.equal(value, "in time");
    const messages: string[] = [];
    const before = setExceptionHandler(({ message, error }) => messages.push(`${message}: ${String(error)}`));
    broken.cancel();
    setExceptionHandler(before);
    await assert.rejects(broken, { name: "CancelledError" });
    assert.deepEqual(messages, ["Cancelling a wait for desk failed: RangeError: cannot be told"]);
  }),
);

test(
  "park() with onCancel that is served all the same keeps its value, and the cancellation arrives at the next wait",
  virtualTime(async () => {
    let wait!: Park<string>;
    let value: string | undefined;
    const task = createTask(async () => {
      value = await park<string>(resource, (made) => (wait = made), { onCancel: () => undefined });
      await sleep(60_000);
    });
    await waitAllTasksParked();
    task.cancel("stop");
    wait.wake("key");
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
    assert.equal(value, "key");
  }),
);

test(
  "park() with onCancel that fails by another error has not heard: the cancellation arrives at the next wait",
  virtualTime(async () => {
    let wait!: Park<string>;
    let tries = 0;
    const task = createTask(async () => {
      for (;;) {
        tries++;
        await park<string>(resource, (made) => (wait = made), { onCancel: () => undefined }).catch((error: unknown) => {
          if (error instanceof RangeError) return;
          throw error;
        });
      }
    });
    await waitAllTasksParked();
    task.cancel("stop");
    wait.fail(new RangeError("connection lost"));
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
    assert.equal(tries, 2);
  }),
);

test(
  "park() with onCancel and giveBack gives back what it is served after it was told, also by two limits at once",
  virtualTime(async (clock) => {
    let wait!: Park<string>;
    const told: string[] = [];
    const back: string[] = [];
    const options = {
      onCancel: ({ reason }: CancelledError): void => void told.push(String(reason)),
      giveBack: (it: string): void => void back.push(it),
    };
    const wanted = (): Promise<string> => park<string>(resource, (made) => (wait = made), options);
    const outer = timeout(20, () => timeout(10, wanted));
    const outcome = assert.rejects(outer, TimeoutError);
    await clock.advance(20);
    assert.equal(told.length, 2);
    wait.wake("key");
    await outcome;
    assert.deepEqual(back, ["key"]);
  }),
);

test(
  "A wait that has ended takes nothing: wake() says so, and nothing is given back",
  virtualTime(async () => {
    let wait!: Park<string>;
    const options = {
      onCancel: (error: CancelledError, made: Park<never>): void => void made.fail(error),
      giveBack: (): void => assert.fail("given back"),
    };
    const task = createTask(() => park<string>(resource, (made) => (wait = made), options));
    await waitAllTasksParked();
    task.cancel();
    assert.equal(wait.wake("key"), false);
    await assert.rejects(task, { name: "CancelledError" });
  }),
);

test(
  "park() fails with what `start` throws, and does not call it where a cancellation is pending",
  virtualTime(async () => {
    const failing = park(resource, () => {
      throw new RangeError("no desk");
    });
    await assert.rejects(failing, RangeError);
    currentTask()!.cancel("stop");
    await assert.rejects(
      park(resource, () => assert.fail("called")),
      { reason: "stop" },
    );
  }),
);

test(
  "A pending cancellation is thrown by every wait that begins in the same step, and by none after it",
  virtualTime(
    async () => {
      const task = createTask(async () => {
        currentTask()!.cancel("stop");
        const outcomes = await Promise.allSettled([sleep(1), park(resource, () => {}), sleep(0)]);
        await sleep(1);
        return outcomes.map(({ status }) => status);
      });
      assert.deepEqual(await task, ["rejected", "rejected", "rejected"]);
    },
    { autoAdvance: true },
  ),
);

test(
  "A pending cancellation reaches every task that is awaited in the same step",
  virtualTime(async () => {
    const foreign = Promise.withResolvers<void>();
    const kids = [1, 2, 3].map(() => createTask(() => sleep(60_000)));
    const task = createTask(async () => {
      await foreign.promise;
      await Promise.allSettled(kids);
      return kids.map((kid) => kid.cancelled());
    });
    await waitAllTasksParked();
    task.cancel();
    foreign.resolve();
    assert.deepEqual(await task, [true, true, true]);
  }),
);

test(
  "park() with an onCancel that returns false has not heard: the cancellation arrives at the next wait",
  virtualTime(async () => {
    let wait!: Park<string>;
    const task = createTask(async () => {
      await park<string>(resource, (made) => (wait = made), { onCancel: () => false });
      await sleep(60_000);
    });
    await waitAllTasksParked();
    task.cancel("stop");
    wait.wake("key");
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
  }),
);

test(
  "A cancellation that comes in the step in which another one was thrown is thrown by the next wait",
  virtualTime(async () => {
    const task = createTask(async () => {
      currentTask()!.cancel("first");
      const thrown = sleep(1);
      currentTask()!.cancel("second");
      await assert.rejects(thrown, { reason: "first" });
      await Promise.resolve();
      await sleep(60_000);
    });
    await assert.rejects(task, { name: "CancelledError", reason: "second" });
  }),
);
