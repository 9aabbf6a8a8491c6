import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gather } from "../combine/gather.ts";
import { isCancelled } from "../core/errors/errors.ts";
import { type ExceptionContext, setExceptionHandler } from "../core/errors/exception-handler.ts";
import { Park } from "../core/waits/park.ts";
import { currentScope } from "../core/scopes/scope.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";
import { waitAllTasksParked } from "../testing/index.ts";
import { type Answer, type NeverBegun, Thread } from "./_thread.ts";
import { unpack } from "./_thread-error.ts";
import { ThreadPool } from "./_thread-pool.ts";

const source = `
  import { execSync } from "node:child_process";
  import { threadId, parentPort } from "node:worker_threads";
  export const thread = () => threadId;
  export const nap = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
  export const later = (ms) => { setTimeout(() => { throw new Error("from a timer"); }, ms); };
  export const forgets = async (ms) => { void nap(ms).then(() => { throw new Error("from a promise"); }); };
  export const forgetsAtOnce = async () => { void Promise.reject(new Error("forgotten at once")); };
  export const exits = (ms) => { setTimeout(() => process.exit(4), ms); };
  export const answersAndExits = () => { setImmediate(() => process.exit(0)); return "answer"; };
  export const breaks = async () => { setTimeout(() => { throw new TypeError("nobody can catch it"); }, 5); await nap(60_000); };
  export const posts = async () => { parentPort.postMessage({ value: "posted" }); await nap(20); return "returned"; };
  export const listens = async () => {
    const { promise, resolve } = Promise.withResolvers();
    process.once("uncaughtException", resolve);
    setTimeout(() => { throw new Error("listened to"); }, 5);
    return (await promise).message;
  };
  export const forever = () => new Promise(() => {});
  export const blocks = (begun, goOn) => { execSync(\`echo > "\${begun}"; cat "\${goOn}"\`); };
`;
const module = `data:text/javascript,${encodeURIComponent(source)}`;

/** Runs an export of the module above in `pool`. */
async function run(pool: ThreadPool, name: string, ...args: unknown[]): Promise<unknown> {
  const answer = await pool.run({ module, name, args });
  if ("thrown" in answer) throw unpack(answer.thrown);
  return answer.value;
}

/** Collects the reports to the exception handler during the test; `next` is a promise of the first one. */
function listen(context: TestContext): { heard: ExceptionContext[]; next: Promise<ExceptionContext> } {
  const heard: ExceptionContext[] = [];
  const { promise: next, resolve } = Promise.withResolvers<ExceptionContext>();
  const before = setExceptionHandler((report) => {
    heard.push(report);
    resolve(report);
  });
  context.after(() => setExceptionHandler(before));
  return { heard, next };
}

for (const [name, message] of [
  ["later", "from a timer"],
  ["forgets", "from a promise"],
] as const) {
  test(`ThreadPool reports an error that comes when its job is over, ${message}, and spares the job that runs then`, async (context) => {
    const { heard, next } = listen(context);
    const pool = new ThreadPool(1);
    const thread = await run(pool, "thread");
    await run(pool, name, 20);
    const task = createTask(() => run(pool, "nap", 100, "fine"));
    const report = await next;
    assert.equal(task.done(), false);
    assert.equal(await task, "fine");
    assert.equal(report.message, `A job failed in its thread after it was over: data:text/javascript,…#${name}`);
    assert.equal((report.error as Error).message, message);
    assert.equal(heard.length, 1);
    assert.notEqual(await run(pool, "thread"), thread); // replaced
  });
}

test("ThreadPool reports a rejection that its job forgot, even when the next job begins at once", async (context) => {
  const { next } = listen(context);
  const pool = new ThreadPool(1);
  await Promise.all([run(pool, "forgetsAtOnce"), run(pool, "nap", 20)]);
  assert.match((await next).message, /after it was over: .*#forgetsAtOnce$/);
});

test("ThreadPool names the job that exits its thread when it is over", async (context) => {
  const { next } = listen(context);
  const pool = new ThreadPool(1);
  await run(pool, "exits", 20);
  await assert.rejects(run(pool, "nap", 60_000), /its thread has exited: current value is code 4/);
  const { message, error } = await next;
  assert.match(message, /after it was over: .*#exits$/);
  assert.match(String(error), /process\.exit/);
  assert.equal(await run(pool, "nap", 0, 1), 1);
});

test("ThreadPool takes the answer of a job that exits its thread right after it, and spares the next job", async (context) => {
  const { heard } = listen(context);
  const pool = new ThreadPool(1);
  for (let i = 0; i < 20; i++) assert.equal(await run(pool, "answersAndExits"), "answer");
  while (pool.statistics().idle > 0) await sleep(1);
  assert.match(heard[0]!.message, /after it was over: .*#answersAndExits$/);
});

test("ThreadPool fails a job by an error that no catch in it could see, and replaces its thread", async (context) => {
  const { heard } = listen(context);
  const pool = new ThreadPool(1);
  const thread = await run(pool, "thread");
  await assert.rejects(run(pool, "breaks"), { name: "TypeError", message: "nobody can catch it" });
  assert.notEqual(await run(pool, "thread"), thread);
  assert.deepEqual(heard, []);
});

test("ThreadPool leaves an uncaught error to a job that listens to it", async () => {
  assert.equal(await run(new ThreadPool(1), "listens"), "listened to");
});

test("ThreadPool takes no message of a job for its result", async () => {
  assert.equal(await run(new ThreadPool(1), "posts"), "returned");
});

test("ThreadPool warns of no listeners, however often a job is cancelled", async (context) => {
  const warnings: Error[] = [];
  const note = (warning: Error): number => warnings.push(warning);
  process.on("warning", note);
  context.after(() => process.off("warning", note));
  const pool = new ThreadPool(1);
  const task = createTask(() => run(pool, "forever"));
  await waitAllTasksParked();
  for (let i = 0; i < 30; i++) task.cancel();
  await assert.rejects(task, isCancelled);
  await sleep(0);
  assert.deepEqual(warnings, []);
});

test("ThreadPool ends a job whose module never loads when it is cancelled", async () => {
  const pool = new ThreadPool(1);
  const task = createTask(() =>
    pool.run({ module: "data:text/javascript,await new Promise(() => {})", name: "default", args: [] }),
  );
  await waitAllTasksParked();
  await sleep(20);
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.equal(await run(pool, "nap", 0, 1), 1);
});

test("ThreadPool takes 100,000 jobs, and forgets them when they are cancelled", async () => {
  const pool = new ThreadPool(1);
  const busy = createTask(() => run(pool, "forever"));
  await waitAllTasksParked();
  const all = createTask(() => gather(Array.from({ length: 100_000 }, () => () => run(pool, "thread"))));
  await waitAllTasksParked();
  assert.equal(pool.statistics().waiting, 100_000);
  all.cancel();
  await assert.rejects(all, isCancelled);
  assert.equal(pool.statistics().waiting, 0);
  busy.cancel();
  await assert.rejects(busy, isCancelled);
  assert.deepEqual(pool.statistics(), { idle: 0, free: 1, waiting: 0 });
});

test("ThreadPool tells whose jobs run, and how many", async () => {
  const pool = new ThreadPool(2);
  const task = createTask(() => run(pool, "forever"));
  await waitAllTasksParked();
  assert.deepEqual([...pool.holders()], [task]);
  assert.equal(pool.usage(), "1 of 2 busy");
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual([...pool.holders()], []);
});

test("Thread.end() names and leaves a thread that is inside a call of the platform", async (context) => {
  const { next } = listen(context);
  const folder = mkdtempSync(join(tmpdir(), "pottle-thread-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const [begun, goOn] = [join(folder, "begun"), join(folder, "go-on")];
  execFileSync("mkfifo", [begun, goOn]);
  const thread = new Thread(() => {});
  const wait = new Park<Answer | NeverBegun>(currentScope(), { kind: "thread" });
  thread.start({ module, name: "blocks", args: [begun, goOn] }, wait);
  await readFile(begun);
  await thread.end(20);
  wait.end();
  await writeFile(goOn, "");
  assert.equal(
    (await next).message,
    "A thread did not stop within 20 ms after it was ended, and was left running: its job is data:text/javascript,…#blocks",
  );
});
