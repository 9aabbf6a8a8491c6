import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "../sync/event.ts";
import { gather } from "../combine/gather.ts";
import { runtime } from "../core/state/runtime.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask } from "../core/tasks/task.ts";
import { virtualTime } from "./virtual-time.ts";

test("virtualTime() runs the body as a task, with a clock that it advances", async () => {
  let ran: (string | undefined)[] = [];
  await virtualTime(async (clock) => {
    const nap = createTask(() => sleep(1_000, "rested"));
    await clock.advance(1_000);
    ran = [currentTask()?.name, await nap];
  })();
  assert.deepEqual(ran, ["test", "rested"]);
});

test("virtualTime() with autoAdvance lets time pass whenever every task waits", async () => {
  const start = performance.now();
  await virtualTime(
    async (clock) => {
      await sleep(3_600_000);
      assert.equal(clock.now(), 3_600_000);
    },
    { autoAdvance: true },
  )();
  assert.ok(performance.now() - start < 60_000);
});

test("virtualTime() with autoAdvance fails, and says what is waited for, when nothing can wake what waits", async () => {
  const stuck = virtualTime(() => new Event({ name: "never" }).wait(), { autoAdvance: true });
  await assert.rejects(stuck(), {
    message: "Every task waits and no time limit is set: in test, it waits for Event never",
  });
});

test("virtualTime() throws what the body throws, also at once", async () => {
  await assert.rejects(virtualTime(async () => assert.fail("inside"))(), /inside/);
  const late = virtualTime(
    async () => {
      await sleep(5);
      throw new RangeError("late");
    },
    { autoAdvance: true },
  );
  await assert.rejects(late(), RangeError);
});

test("virtualTime() cancels what the body left, whose clean-up may sleep", async () => {
  const seen: string[] = [];
  await virtualTime(async () => {
    createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(1_000);
        seen.push("cleaned up");
      }
    });
    await sleep(0);
  })();
  assert.deepEqual(seen, ["cleaned up"]);
});

test("virtualTime() fails a body that leaves something behind, and names it", async () => {
  const listener = (): void => {};
  const leaky = virtualTime(async () => void process.on("SIGUSR2", listener));
  await assert.rejects(leaky(), { message: "Left behind:\n  process listeners for SIGUSR2: 1" });
  process.off("SIGUSR2", listener);
});

test("virtualTime() puts clock and schedule back, whether the body succeeds or fails", async () => {
  const { timers, schedule } = runtime;
  for (const body of [async () => 1, async () => assert.fail("inside")]) {
    await virtualTime(body, { seed: 1 })().catch(() => {});
    assert.deepEqual([runtime.timers === timers, runtime.schedule === schedule], [true, true]);
  }
});

test("virtualTime() with a seed has the same order for the same seed", async () => {
  const orderOf = async (seed: number): Promise<string> => {
    let order = "";
    const note = (letter: string) => async (): Promise<void> => {
      await sleep(10);
      order += letter;
    };
    await virtualTime(() => gather(["a", "b", "c", "d", "e", "f"].map(note)), { seed, autoAdvance: true })();
    return order;
  };
  const orders = new Set<string>();
  for (let seed = 0; seed < 10; seed++) {
    const order = await orderOf(seed);
    assert.equal(await orderOf(seed), order);
    orders.add(order);
  }
  assert.ok(orders.size > 5, [...orders].join());
});
