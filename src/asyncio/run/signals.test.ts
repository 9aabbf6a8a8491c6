import assert from "node:assert/strict";
import { test } from "node:test";
import { Program } from "../program.fixture.ts";
import { type ExitSignal, SignalWatch } from "./signals.ts";
import { checkLeaks } from "../testing/index.ts";

function countListeners(): number[] {
  return [process.listenerCount("SIGINT"), process.listenerCount("SIGTERM")];
}

test("SignalWatch tells of the first signal only, and listens no more when it is disposed (test_add_signal_handler)", async () => {
  await checkLeaks(() => {
    const before = countListeners();
    const received: ExitSignal[] = [];
    {
      using watch = new SignalWatch({ onFirst: (signal) => received.push(signal) });
      assert.equal(watch.received, undefined);
      process.emit("SIGTERM", "SIGTERM");
      process.emit("SIGTERM", "SIGTERM"); // the same press
      assert.deepEqual([received, watch.received], [["SIGTERM"], "SIGTERM"]);
    }
    assert.deepEqual(countListeners(), before);
  });
});

test("SignalWatch that continues another counts what that one received", () => {
  const received: ExitSignal[] = [];
  const first = new SignalWatch({ onFirst: (signal) => received.push(signal) });
  process.emit("SIGINT", "SIGINT");
  first[Symbol.dispose]();
  using second = new SignalWatch({ onFirst: (signal) => received.push(signal), before: first });
  process.emit("SIGINT", "SIGINT"); // the same press
  assert.deepEqual([received, second.received], [["SIGINT"], "SIGINT"]);
});

test("SignalWatch leaves listeners of others alone", () => {
  const heard: string[] = [];
  const listener = (signal: string): unknown => heard.push(signal);
  process.on("SIGINT", listener);
  const [before] = countListeners();
  {
    using watch = new SignalWatch({ onFirst: () => {} });
    assert.equal(watch.received, undefined);
    assert.equal(countListeners()[0], before! + 1);
  }
  assert.equal(countListeners()[0], before);
  assert.ok(process.listeners("SIGINT").includes(listener));
  process.off("SIGINT", listener);
});

test("SignalWatch ends the process at the second signal, with its code", async () => {
  using program = new Program(`
    import { SignalWatch } from "./run/signals.ts";
    new SignalWatch({ onFirst: (signal) => console.log("first", signal) });
    setInterval(() => {}, 60_000);
    console.log("ready");
  `);
  await program.printed("ready");
  program.kill("SIGTERM");
  await program.printed("first SIGTERM");
  program.kill("SIGINT");
  assert.deepEqual(await program.ending(), { code: 130, signal: null, stdout: "ready\nfirst SIGTERM\n", stderr: "" });
});

test("A user's own listener, bound to its task, hears of signals (test_add_signal_handler)", async () => {
  using program = new Program(`
    import { bind, currentTask, Event, run } from "./index.ts";
    await run(async () => {
      const reload = new Event();
      const listener = bind(() => { console.log("heard in", currentTask()?.name); reload.set(); });
      process.on("SIGHUP", listener);
      console.log("ready");
      await reload.wait();
      process.off("SIGHUP", listener);
    });
  `);
  await program.printed("ready");
  program.kill("SIGHUP");
  const { code, stdout } = await program.ending();
  assert.deepEqual([code, stdout], [0, "ready\nheard in main\n"]);
});
