import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { ContextVar } from "../core/state/context-var.ts";
import { isCancelled } from "../core/errors/errors.ts";
import { type ExceptionContext, setExceptionHandler } from "../core/errors/exception-handler.ts";
import { gather } from "../combine/gather.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createSubprocessExec, PIPE } from "../subprocess/create-subprocess.ts";
import { createTask } from "../core/tasks/task.ts";
import { timeout } from "../combine/timeout.ts";
import { threadStatistics, toThread } from "./to-thread.ts";
import { waitAllTasksParked } from "../testing/index.ts";

const source = `
  import { threadId } from "node:worker_threads";
  export default (...args) => args.reduce((a, b) => a + b, 0);
  export const nested = async ({ list }) => new Map([["sum", list[0] + list[1]]]);
  export const thread = () => threadId;
  export const nothing = () => {};
  export const busy = () => { for (;;); };
  export const forever = () => new Promise(() => {});
  export const mark = (shared, index) => { Atomics.store(new Int32Array(shared), index, 1); };
  export const markAndHang = (shared) => { Atomics.store(new Int32Array(shared), 0, 1); for (;;); };
  export const badResult = () => () => {};
  export const exit = () => process.exit(3);
  export const late = () => { setTimeout(() => { throw new Error("after the job"); }, 200); };
  class QuotaError extends RangeError { constructor(message, options) { super(message, options); this.quota = 7; this.detail = { a: [1] }; this.fn = () => {}; } }
  export function fail() { throw new QuotaError("over quota", { cause: new TypeError("why", { cause: "text" }) }); }
  export const failMany = () => { throw new AggregateError([new SyntaxError("one"), 2], "many"); };
  export const failNamed = () => { const error = new Error("m"); error.name = "CustomName"; error.cause = error; throw error; };
  export const failOdd = () => { throw { code: 5 }; };
  export const notCallable = 42;
`;
const module = `data:text/javascript,${encodeURIComponent(source)}`;

/** The URL of an export. */
function at(name: string): string {
  return `${module}#${name}`;
}

test("toThread() gives what the function returns (test_to_thread)", async () => {
  assert.equal(await toThread(module, 40, 2), 42);
  assert.deepEqual(await toThread(at("nested"), { list: [1, 2] }), new Map([["sum", 3]]));
  assert.equal(await toThread(at("nothing")), undefined);
  assert.equal(await toThread(new URL(module), 1), 1);
});

test("toThread() runs in another thread, and uses it again", async () => {
  const first = await toThread<number>(at("thread"));
  assert.ok(first > 0);
  assert.equal(await toThread(at("thread")), first);
});

test("toThread() throws what the function throws (test_to_thread_exception)", async () => {
  const error = await toThread(at("fail")).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof RangeError);
  assert.equal(error.constructor.name, "QuotaError");
  assert.equal(error.message, "over quota");
  assert.match(error.stack ?? "", /at fail/);
  assert.ok(error.cause instanceof TypeError);
  assert.equal(error.cause.cause, "text");
  const { quota, detail, fn } = error as Error & { quota?: unknown; detail?: unknown; fn?: unknown };
  assert.deepEqual([quota, detail, typeof fn], [7, { a: [1] }, "string"]);
});

test("toThread() throws aggregates, named errors, circles and odd values whole", async () => {
  await assert.rejects(toThread(at("failMany")), (error: unknown) => {
    assert.ok(error instanceof AggregateError && error.errors[0] instanceof SyntaxError);
    return error.errors[1] === 2 && error.message === "many";
  });
  await assert.rejects(toThread(at("failNamed")), { name: "CustomName", message: "m" });
  await assert.rejects(toThread(at("failOdd")), (error: unknown) => assert.deepEqual(error, { code: 5 }) === undefined);
});

test("toThread() runs ten jobs, as many at once as there are threads (test_to_thread_concurrent)", async () => {
  const shared = new SharedArrayBuffer(40);
  await gather(Array.from({ length: 10 }, (_, index) => () => toThread(at("mark"), shared, index)));
  assert.deepEqual([...new Int32Array(shared)], Array(10).fill(1));
  assert.ok(threadStatistics().idle <= availableParallelism());
});

test("toThread() passes arguments (test_to_thread_args_kwargs)", async () => {
  assert.equal(await toThread(module, "a", "b", "c"), "0abc");
});

test("toThread() leaves context variables here: they are passed as arguments (test_to_thread_contextvars)", async () => {
  const user = new ContextVar("user", "nobody");
  await createTask(async () => {
    user.set("ada");
    assert.equal(await toThread(module, user.get()), "0ada");
    assert.equal(user.get(), "ada");
  });
});

test("toThread() that is cancelled ends what computes, and is over then", async () => {
  const shared = new SharedArrayBuffer(4);
  const task = createTask(() => toThread(at("markAndHang"), shared));
  while (Atomics.load(new Int32Array(shared), 0) === 0) await sleep(1);
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.equal(threadStatistics().free, availableParallelism());
  assert.equal(await toThread(module, 1), 1);
});

test("toThread() is ended by a timeout", async () => {
  await assert.rejects(
    timeout(50, () => toThread(at("forever"))),
    { name: "TimeoutError" },
  );
});

test("toThread() that is cancelled before it began never begins", async () => {
  const shared = new SharedArrayBuffer(4);
  const hogs = Array.from({ length: availableParallelism() }, () => createTask(() => toThread(at("busy"))));
  await waitAllTasksParked();
  const waiting = createTask(() => toThread(at("mark"), shared, 0));
  await waitAllTasksParked();
  assert.equal(threadStatistics().waiting, 1);
  waiting.cancel();
  await assert.rejects(waiting, isCancelled);
  for (const hog of hogs) hog.cancel();
  await Promise.allSettled(hogs);
  await toThread(module);
  assert.equal(Atomics.load(new Int32Array(shared), 0), 0);
});

test("toThread() fails if an argument or the result cannot be copied, and the thread goes on", async () => {
  await assert.rejects(
    toThread(module, () => {}),
    { name: "DataCloneError" },
  );
  await assert.rejects(toThread(at("badResult")), { name: "DataCloneError" });
  assert.equal(await toThread(module, 1), 1);
});

test("toThread() fails if the thread exits, and starts another", async () => {
  await assert.rejects(toThread(at("exit")), /exited: current value is code 3/);
  assert.equal(await toThread(module, 1), 1);
});

test("toThread() reports a thread that fails after its job, and replaces it", async (context) => {
  const { promise, resolve } = Promise.withResolvers<ExceptionContext>();
  const before = setExceptionHandler(resolve);
  context.after(() => setExceptionHandler(before));
  await toThread(at("late"));
  const { message, error } = await promise;
  assert.equal(message, "A job failed in its thread after it was over: data:text/javascript,…#late");
  assert.match(String(error), /after the job/);
  assert.equal(await toThread(module, 1), 1);
});

test("toThread() keeps no program alive when its jobs are over", async () => {
  const file = new URL("to-thread.ts", import.meta.url).href;
  const code = `const { toThread } = await import(${JSON.stringify(file)});
    console.log(await toThread(${JSON.stringify(module)}, 42));
    const end = performance.now();
    process.on("exit", () => console.log(performance.now() - end < 5_000));`;
  const args = ["--input-type=module", "-e", code];
  const program = await createSubprocessExec(process.execPath, args, { stdout: PIPE });
  const [stdout] = await program.communicate();
  assert.deepEqual([stdout?.toString(), program.returncode], ["42\ntrue\n", 0]);
});

test("toThread() refuses what is no URL, a module that is not there, and an export that is no function", async () => {
  await assert.rejects(toThread("./job.ts"), TypeError);
  await assert.rejects(toThread((() => {}) as never), /must be a URL/);
  await assert.rejects(toThread(new URL("./no-such-module.ts", import.meta.url)), { code: "ERR_MODULE_NOT_FOUND" });
  await assert.rejects(toThread(at("missing")), /export missing must be a function: current value is undefined/);
  await assert.rejects(toThread(at("notCallable")), TypeError);
});
