import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { leftovers, MARK } from "./_leftovers.ts";
import { runProcess, startProcess } from "./_process.ts";

test("runProcess() tells how a program ended and what it printed", async () => {
  const { code, output, timedOut } = await runProcess("sh", ["-c", "echo out; echo $WORD >&2; exit 3"], {
    env: { WORD: "err" },
  });
  assert.deepEqual({ code, output, timedOut }, { code: 3, output: "out\nerr\n", timedOut: false });
});

test("runProcess() rejects for a program that does not exist", async () => {
  await assert.rejects(runProcess("no-such-program", []), { code: "ENOENT" });
});

test("runProcess() kills a program, and what that one started, when its time is over", async () => {
  const mark = randomUUID();
  const { code, timedOut } = await runProcess("sh", ["-c", "sleep 60 >/dev/null 2>&1 & wait"], {
    env: { [MARK]: mark },
    limit: 100,
  });
  assert.deepEqual({ code, timedOut }, { code: null, timedOut: true });
  assert.deepEqual(leftovers(mark), []);
});

test(
  "leftovers() names a process that goes on after the one that started it",
  { skip: process.platform !== "linux" },
  async (context) => {
    const mark = randomUUID();
    const handle = startProcess("sh", ["-c", "sleep 60 >/dev/null 2>&1 & echo started"], { env: { [MARK]: mark } });
    context.after(() => handle.kill());
    await handle.ended;
    assert.deepEqual(
      leftovers(mark).map(({ command }) => command),
      ["sleep 60"],
    );
  },
);

test("RunningProcess.printed() resolves with the match as soon as it is there", async (context) => {
  const handle = startProcess("sh", ["-c", "echo port 42; exec sleep 60"]);
  context.after(() => handle.kill());
  assert.equal((await handle.printed(/port (\d+)/))[1], "42");
});

test("RunningProcess.printed() rejects, showing the output, when the program ends without", async () => {
  const handle = startProcess("sh", ["-c", "echo nothing"]);
  await assert.rejects(handle.printed(/port/), /as the program has ended: it printed\nnothing/);
  await handle.ended;
});
