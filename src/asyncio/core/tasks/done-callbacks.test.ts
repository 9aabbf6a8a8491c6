import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { virtualTime } from "../../testing/index.ts";
import { DoneCallbacks } from "./done-callbacks.ts";
import { Future } from "./future.ts";

test("DoneCallbacks calls what an array would call, in its order, whatever is added and taken back", async () => {
  const step = fc.record({ adds: fc.boolean(), name: fc.constantFrom("a", "b", "c", "d", "e") });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const callbacks = new DoneCallbacks();
      let model: string[] = [];
      const called: string[] = [];
      for (const { adds, name } of steps) {
        if (adds) {
          callbacks.add(name, () => called.push(name));
          model.push(name);
        } else {
          assert.equal(callbacks.remove(name), model.filter((each) => each === name).length);
          model = model.filter((each) => each !== name);
        }
        assert.equal(callbacks.isEmpty, model.length === 0);
      }
      callbacks.callSoon();
      await Promise.resolve();
      assert.deepEqual(called, model);
    }),
  );
});

test(
  "Future.removeDoneCallback() takes back 100,000 callbacks one by one",
  virtualTime(async () => {
    const future = new Future<void>();
    const callbacks = Array.from({ length: 100_000 }, () => (): void => assert.fail("called"));
    for (const callback of callbacks) future.addDoneCallback(callback);
    for (const callback of callbacks) assert.equal(future.removeDoneCallback(callback), 1);
    future.setResult();
    await future;
  }),
);
