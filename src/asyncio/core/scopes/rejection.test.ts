import assert from "node:assert/strict";
import { test } from "node:test";
import { canSee, errorsWithin, rejectionOf } from "./rejection.ts";

function rejected(reason: unknown): Promise<unknown> {
  const promise = Promise.reject(reason);
  promise.catch(() => undefined);
  return promise;
}

test("rejectionOf() gives what a promise was rejected with, and nothing of any other", () => {
  const error = new Error("planned");
  assert.equal(canSee(), true);
  assert.equal(rejectionOf(rejected(error)), error);
  for (const other of [Promise.resolve(error), Promise.resolve(1), new Promise(() => undefined)])
    assert.equal(rejectionOf(other), undefined);
  for (const reason of ["text", undefined, null, 1, Symbol("s")])
    assert.equal(rejectionOf(rejected(reason)), undefined);
});

test("rejectionOf() sees a promise of a subclass, and one with properties", () => {
  class Mine<T> extends Promise<T> {
    readonly extra: object = {};
    override get [Symbol.toStringTag](): string {
      return "Mine { <rejected> }";
    }
  }
  const error = new Error("planned");
  const promise = Mine.reject(error);
  promise.catch(() => undefined);
  assert.equal(rejectionOf(promise), error);
  assert.equal(rejectionOf(Mine.resolve(error)), undefined);
});

test("rejectionOf() and errorsWithin() run no code of what they look at", () => {
  const trap = (): never => assert.fail("code of the value ran");
  const handler = { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap };
  const getters = Object.create(null, {
    stack: { get: trap },
    cause: { get: trap },
    name: { get: trap },
    [Symbol.toStringTag]: { get: trap },
  }) as object;
  const nested = new Error("outer", { cause: new Proxy({}, handler) });
  for (const reason of [new Proxy(new Error("hidden"), handler), getters, nested]) {
    const found = rejectionOf(rejected(reason));
    if (found !== undefined) assert.doesNotThrow(() => [...errorsWithin(found)]);
  }
});

test("rejectionOf() formats no stack", () => {
  const before = Reflect.get<ErrorConstructor, "prepareStackTrace">(Error, "prepareStackTrace");
  let calls = 0;
  Error.prepareStackTrace = () => {
    calls++;
    throw new Error("broken hook");
  };
  try {
    const error = new Error("planned");
    assert.equal(rejectionOf(rejected(error)), error);
    assert.equal(calls, 0);
  } finally {
    Reflect.set(Error, "prepareStackTrace", before);
  }
});

test("rejectionOf() and errorsWithin() take no longer for an error of any size", () => {
  const long = new Error("line\n".repeat(2_000_000));
  const keys = Object.assign(
    new Error("keys"),
    Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i])),
  );
  let chain = new Error("first");
  for (let i = 0; i < 100_000; i++) chain = new Error("next", { cause: chain });
  const many = new AggregateError(Array.from({ length: 100_000 }, () => new Error("one")));
  for (const error of [long, keys, chain, many]) {
    const promise = rejected(error);
    const begin = performance.now();
    for (let i = 0; i < 10; i++) assert.ok([...errorsWithin(rejectionOf(promise)!)].length > 0);
    assert.ok(performance.now() - begin < 500, error.message.slice(0, 20));
  }
});

test("errorsWithin() gives an error, its causes and the errors that it collects, and ends in a circle", () => {
  const cause = new Error("cause");
  const collected = new Error("collected", { cause });
  const outer = new AggregateError([collected, "text"], "outer");
  assert.deepEqual([...errorsWithin(outer)], [outer, collected, cause]);
  const circle = new Error("circle");
  circle.cause = circle;
  assert.ok([...errorsWithin(circle)].length <= 64);
});
