import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../../program.fixture.ts";

test("guardLeftFlows() keeps the loser of a Promise.race from taking the process down", async () => {
  const { code, stderr, stdout } = await runProgram(`
    import { run, sleep } from "./index.ts";
    const loser = async () => { try { await sleep(60_000); } finally { console.log("cleaned up"); } };
    console.log(await run(() => Promise.race([loser(), sleep(5, "winner")])));
  `);
  assert.deepEqual({ code, stderr, stdout }, { code: 0, stderr: "", stdout: "cleaned up\nwinner\n" });
});

test("guardLeftFlows() keeps a flow that nobody awaits from taking the process down, once its scope has ended", async () => {
  const { code, stderr, stdout } = await runProgram(`
    import { run, sleep } from "./index.ts";
    const forgotten = async () => { await sleep(60_000); };
    await run(async () => { void forgotten(); await sleep(1); });
    console.log("over");
  `);
  assert.deepEqual({ code, stderr, stdout }, { code: 0, stderr: "", stdout: "over\n" });
});

test("guardLeftFlows() lets every other unhandled rejection end the process as it always does", async () => {
  const { code, stderr, stdout } = await runProgram(`
    import { run, sleep } from "./index.ts";
    const forgotten = async () => { await sleep(60_000); };
    await run(async () => { void forgotten(); await sleep(1); });
    void Promise.reject(new Error("mine"));
    setTimeout(() => console.log("not reached"), 1_000);
  `);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /Error: mine\n {4}at /);
});

test("guardLeftFlows() leaves unhandled rejections to whoever else listens for them, who hears of left flows too", async () => {
  const { code, stdout } = await runProgram(`
    import { run, sleep } from "./index.ts";
    process.on("unhandledRejection", (error) => console.log("heard", error.message));
    const forgotten = async () => { await sleep(60_000); };
    await run(async () => { void forgotten(); await sleep(1); });
    void Promise.reject(new Error("mine"));
  `);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "heard the task it belonged to has ended\nheard mine\n" });
});

test("guardLeftFlows() does not hide a cancellation that nobody handles and that was asked for", async () => {
  const { code, stderr } = await runProgram(`
    import { createTask, moveOnAfter, run, sleep } from "./index.ts";
    await run(async () => {
      await moveOnAfter(1_000, async () => { void sleep(60_000); await sleep(1); }); // a left flow
      const task = createTask(() => sleep(60_000));
      void Promise.resolve().then(async () => { await task; });
      await sleep(1);
      task.cancel("asked for");
      await sleep(20);
    });
  `);
  assert.equal(code, 1);
  assert.match(stderr, /CancelledError: asked for/);
});
