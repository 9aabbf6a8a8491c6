import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, sleep } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";
import { type Message, MessageQueue } from "./message-queue.ts";

async function drain(queue: MessageQueue): Promise<Message[]> {
  const messages: Message[] = [];
  for (let message; (message = await queue.take()) !== undefined;) messages.push(message);
  return messages;
}

test("MessageQueue hands over each message as it is, the empty ones as well, and then its end", async () => {
  const queue = new MessageQueue({ bound: Infinity, onRoom: noop });
  const bytes = new Uint8Array([1]);
  for (const message of ["", "a", bytes, "a"]) queue.push(message);
  queue.end();
  queue.push("late");
  assert.deepEqual(await drain(queue), ["", "a", bytes, "a"]);
  assert.equal(await queue.take(), undefined);
});

test("MessageQueue is full by bytes, or by many small messages, and tells once when it has room", async () => {
  for (const [text, least, most] of [
    ["é".repeat(100), 3, 5],
    ["", 15, 17],
  ] as const) {
    let rooms = 0;
    const queue = new MessageQueue({ bound: 1000, onRoom: () => rooms++ });
    let count = 1;
    while (queue.push(text)) count++;
    assert(queue.isFull && count >= least && count <= most, `${count} messages`);
    queue.end();
    await drain(queue);
    assert.equal(rooms, 1);
  }
});

test("MessageQueue.fail() drops what is in it, and its reader gets the error", async () => {
  const queue = new MessageQueue({ bound: 10, onRoom: noop });
  queue.push("dropped");
  queue.fail(new Error("cut"));
  queue.fail(new Error("later"));
  await assert.rejects(queue.take(), { message: "cut" });
  assert(!queue.isFull);
});

test("MessageQueue.take() wakes at a message, an end or a failure, and one task waits at a time", async () => {
  const queue = new MessageQueue({ bound: 10, onRoom: noop });
  const first = createTask(() => queue.take());
  await sleep(0);
  await assert.rejects(queue.take(), { name: "InvalidStateError" });
  queue.push("woken");
  assert.equal(await first, "woken");
  const second = createTask(() => queue.take());
  await sleep(0);
  queue.end();
  assert.equal(await second, undefined);
});

test("MessageQueue.take() that is cancelled in the turn in which a message comes leaves it there", async () => {
  const queue = new MessageQueue({ bound: 10, onRoom: noop });
  const reader = createTask(() => queue.take());
  await sleep(0);
  queue.push("kept");
  reader.cancel();
  await assert.rejects(reader, { name: "CancelledError" });
  assert.equal(await queue.take(), "kept");
});
