import assert from "node:assert/strict";
import { test } from "node:test";
import { asyncContextManager } from "./async-context-manager.ts";
import { AsyncExitStack } from "./async-exit-stack.ts";
import { InvalidStateError } from "../core/errors/errors.ts";
import { sleep } from "../core/waits/sleep.ts";

test("AsyncExitStack.callback() calls back in reverse order, with arguments (test_async_callback)", async () => {
  const calls: unknown[] = [];
  await new AsyncExitStack().with((stack) => {
    stack.callback((...args) => void calls.push(args));
    stack.callback((...args) => void calls.push(args), 1);
    stack.callback(
      async (...args) => {
        await sleep(1);
        calls.push(args);
      },
      1,
      2,
    );
  });
  assert.deepEqual(calls, [[1, 2], [1], []]);
});

test("AsyncExitStack.enterAsyncContext() enters at once and leaves in reverse order (test_enter_async_context)", async () => {
  const result: number[] = [];
  const manager = asyncContextManager(async function* () {
    result.push(1);
    yield "entered";
    result.push(3);
  });
  await new AsyncExitStack().with(async (stack) => {
    stack.callback(() => result.push(4));
    assert.equal(await stack.enterAsyncContext(manager()), "entered");
    result.push(2);
  });
  assert.deepEqual(result, [1, 2, 3, 4]);
});

test("AsyncExitStack.enterAsyncContext() disposes of what can be disposed of", async () => {
  const disposed: string[] = [];
  const asynchronous = {
    async [Symbol.asyncDispose]() {
      disposed.push("async");
    },
  };
  const synchronous = {
    [Symbol.dispose]() {
      disposed.push("sync");
    },
  };
  await new AsyncExitStack().with(async (stack) => {
    assert.equal(await stack.enterAsyncContext(asynchronous), asynchronous);
    await stack.enterAsyncContext(synchronous);
  });
  assert.deepEqual(disposed, ["sync", "async"]);
  await assert.rejects(new AsyncExitStack().enterAsyncContext({} as never), TypeError);
});

test("AsyncExitStack.push() sees the error and may keep it; those below see none (test_async_push)", async () => {
  const failure = new ReferenceError("boom");
  const seen: unknown[] = [];
  await new AsyncExitStack().with((stack) => {
    stack.push((error) => void seen.push(error));
    stack.push((error) => {
      seen.push(error);
      return true;
    });
    stack.push(async (error) => void seen.push(error));
    throw failure;
  });
  assert.deepEqual(seen, [failure, failure, undefined]);
});

test("AsyncExitStack chains what is thrown while it is left (test_async_exit_exception_chaining)", async () => {
  const thrown = await new AsyncExitStack()
    .with((stack) => {
      stack.callback(() => {
        throw new RangeError("outermost");
      });
      stack.callback(() => {
        throw new TypeError("middle");
      });
      stack.push((error) => {
        throw new Error("inner", { cause: error });
      });
      throw new SyntaxError("body");
    })
    .catch((error: unknown) => error);
  const names: string[] = [];
  for (let error = thrown; error instanceof Error; error = error.cause) names.push(error.message);
  assert.deepEqual(names, ["outermost", "middle", "inner", "body"]);
});

test("AsyncExitStack keeps both where the new error has no place for the old one", async () => {
  const thrown = await new AsyncExitStack()
    .with((stack) => {
      stack.callback(() => {
        const error = new Error("frozen");
        Object.freeze(error);
        throw error;
      });
      throw new Error("body");
    })
    .catch((error: unknown) => error);
  assert.ok(thrown instanceof SuppressedError);
  assert.match(String(thrown.error) + String(thrown.suppressed), /frozen.*body/);
});

test("AsyncExitStack.popAll() hands everything to another stack", async () => {
  const calls: string[] = [];
  const stack = new AsyncExitStack();
  stack.callback(() => calls.push("called"));
  const other = stack.popAll();
  await stack.aclose();
  assert.deepEqual(calls, []);
  await other[Symbol.asyncDispose]();
  assert.deepEqual(calls, ["called"]);
});

test("AsyncExitStack refuses to be used when it was closed", async () => {
  const stack = new AsyncExitStack();
  await stack.aclose();
  assert.throws(() => stack.callback(() => {}), InvalidStateError);
  await assert.rejects(stack.enterAsyncContext({ [Symbol.dispose]() {} }), InvalidStateError);
});

test("AsyncExitStack.enterAsyncContext() closes what was being opened while the stack was closed", async () => {
  const steps: string[] = [];
  const { promise: opening, resolve: open } = Promise.withResolvers<void>();
  const manager = asyncContextManager(async function* () {
    await opening;
    try {
      yield "value";
    } finally {
      steps.push("closed");
    }
  });
  const stack = new AsyncExitStack();
  const entering = stack.enterAsyncContext(manager());
  await stack.aclose();
  open();
  await assert.rejects(entering, { name: "InvalidStateError" });
  assert.deepEqual(steps, ["closed"]);
});

test("AsyncExitStack keeps an error beside one whose causes are a circle", async () => {
  const stack = new AsyncExitStack();
  const circle = new Error("circle");
  circle.cause = circle;
  const first = new Error("first");
  stack.callback(() => Promise.reject(circle));
  stack.callback(() => Promise.reject(first));
  await assert.rejects(stack.aclose(), (error) => {
    assert.ok(error instanceof SuppressedError);
    return error.error === circle && error.suppressed === first;
  });
});

test("AsyncExitStack closes 100,000 resources, each of which throws", async () => {
  const stack = new AsyncExitStack();
  for (let i = 0; i < 100_000; i++) stack.callback(() => Promise.reject(new Error(String(i))));
  const error = await stack.aclose().catch((thrown: unknown) => thrown as Error);
  let depth = 0;
  for (let each: unknown = error; each instanceof Error; each = each.cause) depth++;
  assert.equal(depth, 100_000);
});
