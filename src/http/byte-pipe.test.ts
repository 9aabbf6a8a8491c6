import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTask, isCancelled, sleep } from "../asyncio/index.ts";
import { BytePipe } from "./byte-pipe.ts";

function makePipe(bound = 4): { pipe: BytePipe; rooms: () => number } {
  let rooms = 0;
  return { pipe: new BytePipe({ name: "test", bound, onRoom: () => rooms++ }), rooms: () => rooms };
}

test("BytePipe hands over pieces in their order, and then its end as often as one asks", async () => {
  const { pipe } = makePipe();
  pipe.push(Buffer.from("ab"));
  pipe.push(Buffer.alloc(0));
  pipe.push(Buffer.from("c"));
  pipe.end();
  assert.equal(String(await pipe.read()), "ab");
  assert.equal(String(await pipe.read()), "c");
  assert.equal(await pipe.read(), undefined);
  assert.equal(await pipe.read(), undefined);
});

test("BytePipe.push() says when it is full, and onRoom is called once when it is no longer", async () => {
  const { pipe, rooms } = makePipe(4);
  assert.equal(pipe.push(Buffer.alloc(3)), true);
  assert.equal(pipe.push(Buffer.alloc(3)), false);
  assert.deepEqual([pipe.size, pipe.isFull], [6, true]);
  await pipe.read();
  assert.deepEqual([pipe.size, pipe.isFull, rooms()], [3, false, 1]);
  await pipe.read();
  assert.equal(rooms(), 1);
});

test("BytePipe.read() that is cancelled takes nothing with it", async () => {
  const { pipe } = makePipe();
  const reader = createTask(() => pipe.read());
  await sleep(0);
  pipe.push(Buffer.from("a"));
  reader.cancel();
  await assert.rejects(reader, isCancelled);
  assert.equal(String(await pipe.read()), "a");
});

test("BytePipe.room() waits until it is no longer full", async () => {
  const { pipe } = makePipe(1);
  await pipe.room();
  pipe.push(Buffer.from("a"));
  const writer = createTask(() => pipe.room());
  await sleep(0);
  assert.equal(writer.done(), false);
  await pipe.read();
  await writer;
});

test("BytePipe.fail() reaches both sides, and drops what was in it", async () => {
  const { pipe } = makePipe(1);
  pipe.push(Buffer.from("a"));
  const writer = createTask(() => pipe.room());
  await sleep(0);
  pipe.fail(new Error("first"));
  pipe.fail(new Error("second"));
  await assert.rejects(writer, { message: "first" });
  await assert.rejects(pipe.read(), { message: "first" });
  assert.equal(pipe.push(Buffer.from("b")), true);
  assert.equal(pipe.size, 0);
  const { pipe: other } = makePipe();
  const reader = createTask(() => other.read());
  await sleep(0);
  other.fail(new Error("third"));
  await assert.rejects(reader, { message: "third" });
});

test("BytePipe.discard() drops what is in it and what comes", () => {
  const { pipe, rooms } = makePipe(1);
  pipe.push(Buffer.from("a"));
  pipe.discard();
  assert.deepEqual([pipe.push(Buffer.from("b")), pipe.size, pipe.isDiscarding, rooms()], [true, 0, true, 1]);
});

test("BytePipe has one reader and one who waits for room", async () => {
  const { pipe } = makePipe(1);
  const reader = createTask(() => pipe.read());
  await sleep(0);
  await assert.rejects(pipe.read(), {
    name: "InvalidStateError",
    message: "Cannot read test as another task is waiting to read it",
  });
  pipe.end();
  await reader;
  const { pipe: full } = makePipe(1);
  full.push(Buffer.from("a"));
  const writer = createTask(() => full.room());
  await sleep(0);
  await assert.rejects(full.room(), { name: "InvalidStateError" });
  await full.read();
  await writer;
});

test("BytePipe neither loses nor changes a byte, whoever is faster", async () => {
  const piece = fc.uint8Array({ maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat(2)),
      async (pieces, bound, pauses) => {
        const { pipe } = makePipe(bound);
        const writer = createTask(async () => {
          for (const [index, bytes] of pieces.entries()) {
            pipe.push(bytes);
            assert(pipe.size < bound + 9);
            await pipe.room();
            if (pauses[index] === 1) await sleep(0);
          }
          pipe.end();
        });
        const read: Uint8Array[] = [];
        for (let chunk = await pipe.read(); chunk !== undefined; chunk = await pipe.read()) {
          read.push(chunk);
          if (pauses[read.length] === 2) await sleep(0);
        }
        await writer;
        assert.deepEqual(Buffer.concat(read), Buffer.concat(pieces));
      },
    ),
    { numRuns: 50 },
  );
});
