import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, type ExceptionContext, isCancelled, setExceptionHandler } from "../../asyncio/index.ts";
import { BlockingCall } from "./blocking-call.ts";
import { RedisReplyError } from "./errors.ts";
import type { Wire } from "./wire.ts";
import { makeRequest } from "./request.ts";

/** A fake server. The test decides in which order it serves the blocked connection and the other connection. */
class Scene {
  readonly log: string[] = [];
  readonly answer: PromiseWithResolvers<unknown> = Promise.withResolvers();
  /** The answers to CLIENT UNBLOCK, one after the other. */
  readonly hits: (0 | 1 | Promise<0>)[] = [];
  readonly ended: PromiseWithResolvers<void> = Promise.withResolvers();

  /** Whether the blocked connection breaks after the answer. */
  isBroken = false;

  get wire(): Wire {
    const send = ({ name }: { name: string }): Promise<unknown> =>
      name === "BLPOP" ? this.answer.promise : this.#next(name);
    const destroy = (): void => {
      this.log.push("destroyed");
      this.ended.resolve();
      this.answer.reject(new Error("lost"));
    };
    return { send, destroy, ended: this.ended.promise } as unknown as Wire;
  }

  #next(name: string): Promise<unknown> {
    this.log.push(name);
    return this.isBroken ? Promise.reject(new Error("lost")) : Promise.resolve(1);
  }

  get control(): Wire {
    const send = async ({ args }: { args: readonly string[] }): Promise<unknown> => {
      this.log.push(args.join(" "));
      const hit = await this.hits.shift();
      if (hit === 1) this.answer.reject(new RedisReplyError("BLPOP", "UNBLOCKED"));
      return hit;
    };
    return { send } as unknown as Wire;
  }

  /** Runs a call that is cancelled as soon as it waits. */
  async cancelled(control: () => Promise<Wire> = () => Promise.resolve(this.control)): Promise<void> {
    const release = (): void => void this.log.push("released");
    const call = new BlockingCall(
      { wire: this.wire, id: 7, longestSlice: Infinity, control, release },
      makeRequest("BLPOP", ["queue", 0]),
    );
    const task = createTask(() => call.run(), { eagerStart: true });
    task.cancel();
    await assert.rejects(task, isCancelled);
  }
}

test("BlockingCall asks again when CLIENT UNBLOCK has overtaken the command", async () => {
  const scene = new Scene();
  scene.hits.push(0, 0, 1);
  await scene.cancelled();
  assert.deepEqual(scene.log, ["UNBLOCK 7 ERROR", "UNBLOCK 7 ERROR", "UNBLOCK 7 ERROR", "PING", "released"]);
});

test("BlockingCall keeps its connection until CLIENT UNBLOCK is answered, which could hit the next command", async () => {
  const scene = new Scene();
  const late = Promise.withResolvers<0>();
  scene.hits.push(late.promise);
  const cancelled = scene.cancelled();
  scene.answer.resolve(["queue", "item"]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(scene.log, ["UNBLOCK 7 ERROR"]);
  late.resolve(0);
  await cancelled;
  assert.deepEqual(scene.log, ["UNBLOCK 7 ERROR", "LPUSH", "released"]);
});

test("BlockingCall gives its connection up when the server cannot be told", async () => {
  const scene = new Scene();
  await scene.cancelled(() => Promise.reject(new Error("no connection")));
  assert.deepEqual(scene.log, ["destroyed", "released"]);
});

test("BlockingCall reports a value that it could not put back", async (context) => {
  const heard: ExceptionContext[] = [];
  const before = setExceptionHandler((report) => void heard.push(report));
  context.after(() => setExceptionHandler(before));
  const scene = new Scene();
  const late = Promise.withResolvers<0>();
  scene.hits.push(late.promise);
  scene.isBroken = true;
  const cancelled = scene.cancelled();
  scene.answer.resolve(["queue", "item"]);
  late.resolve(0);
  await cancelled;
  assert.deepEqual(
    heard.map(({ message }) => message),
    ["Cannot put back what BLPOP took from queue just as it was cancelled"],
  );
  assert.equal(scene.log.at(-1), "released");
});
