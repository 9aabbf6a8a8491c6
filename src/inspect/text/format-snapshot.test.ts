import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, gather, sleep, taskGroup, timeout, uncancellable } from "../../asyncio/index.ts";
import { endAfter, plantDeadlock, plantLock, settle } from "./_tasks.fixture.ts";
import { formatSnapshot } from "./format-snapshot.ts";
import { formatTable } from "./format-table.ts";
import { recordHistory } from "../record/recording.ts";
import { takeSnapshot } from "../record/snapshot.ts";

/** The text of the process, without values that differ from run to run. */
function look(): string {
  return formatSnapshot(takeSnapshot())
    .replaceAll(/\(\d+\)/g, "(n)")
    .replaceAll(/Task-\d+/g, "Task-n")
    .replaceAll(/[\d.]+ m?s\b/g, "a while");
}

test("formatSnapshot() says who waits on what, since when, and who holds it", async (context) => {
  const { name, keeper, seeker } = await plantLock(context);
  await sleep(1_050);
  const text = formatSnapshot(takeSnapshot());
  const line = new RegExp(
    `${seeker.name} \\(${seeker.id}\\): ${name}, (1\\.\\d) s, held by ${keeper.name} \\(${keeper.id}\\)`,
  );
  assert.match(text, line);
  assert.match(text, /^.*process \d+, up .*\n2 tasks: 2 waiting\n/);
});

test("formatSnapshot() draws scopes, limits, gathers and requests to stop as a tree", async (context) => {
  const task = createTask(
    () =>
      timeout(30_000, () =>
        gather(
          () => sleep(60_000),
          () => uncancellable(() => sleep(40)),
        ),
      ),
    { name: "parent", ownsTasks: true },
  );
  endAfter(context);
  await settle();
  task.cancel("the client left");
  assert.equal(
    look().split("\n").slice(3).join("\n"),
    `process
└─ parent (n) [asked to stop: the client left]
   ├─ timeout [a while left]: gather of gather[0], gather[1], a while
   └─ gather (n) [asked to stop: the client left]: gather of gather[0], gather[1], a while
      ├─ gather[0] (n) [asked to stop: the client left]
      └─ gather[1] (n) [asked to stop: the client left]
         └─ uncancellable [cancellations wait]: sleep, a while, a while left`,
  );
});

test("formatSnapshot() names the circle of a deadlock first", async (context) => {
  await plantDeadlock(context);
  assert.match(
    look(),
    /stuck\nDeadlock: left \(n\) waits for Lock two, a while, held by right \(n\); right \(n\) waits for Lock one, a while, held by left \(n\)\n\n/,
  );
});

test("formatSnapshot() stays short with 20,000 tasks", async (context) => {
  createTask(
    () =>
      taskGroup(async (group) => {
        for (let i = 0; i < 20_000; i++) group.createTask(() => sleep(60_000));
        await sleep(60_000);
      }),
    { name: "crowd" },
  );
  endAfter(context);
  await settle();
  const text = formatSnapshot(takeSnapshot());
  assert.match(text, /… and 19,990 more that wait for sleep, the first for [\d.]+ m?s$/);
  assert.ok(text.split("\n").length < 30);
});

test("formatSnapshot() lets no name speak to the terminal", async (context) => {
  createTask(() => sleep(60_000), { name: "GET /\u001b]0;title\u0007\nroot" });
  endAfter(context);
  await settle();
  assert.match(look(), /GET \/\\u001b\]0;title\\u0007\\u000aroot \(n\): sleep/);
});

test("formatSnapshot() marks states by colours only if it is asked to", async (context) => {
  await plantDeadlock(context);
  const marked = new RegExp(`${String.fromCharCode(27)}\\[3?1m`);
  assert.doesNotMatch(formatSnapshot(takeSnapshot()), marked);
  assert.match(formatSnapshot(takeSnapshot(), { colors: true }), marked);
});

test("formatSnapshot() lists the last cancellations, with their reasons and who asked", async (context) => {
  const stop = recordHistory();
  context.after(stop);
  const task = createTask(
    () =>
      gather(
        () => sleep(60_000),
        () => sleep(60_000),
      ),
    { name: "doomed", ownsTasks: true },
  );
  await settle();
  await createTask(() => void task.cancel("no longer needed"), { name: "judge" });
  await Promise.allSettled([task]);
  assert.match(
    look(),
    /Last cancellations\n {2}\d\d:\d\d:\d\d {2}doomed \(n\): no longer needed; asked by judge; 3 more with it; ended after a while$/,
  );
});

test("formatTable() gives a line for each thing that a task waits for", async (context) => {
  const { name, keeper, seeker } = await plantLock(context);
  createTask(() => Promise.all([sleep(60_000), sleep(60_000)]), { name: "several" });
  endAfter(context);
  await settle();
  const lines = formatTable(takeSnapshot()).split("\n").slice(3);
  assert.match(lines[0]!, /^task +name +state +waits for +since +held by$/);
  assert.match(
    lines[2]!,
    new RegExp(`^${seeker.id} +${seeker.name} +waiting +${name} +\\d+ ms +${keeper.name} \\(${keeper.id}\\)$`),
  );
  assert.equal(lines.filter((line) => line.includes("several")).length, 2);
  assert.equal(lines.length, 5);
});
