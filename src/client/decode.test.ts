import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { createTask, isCancelled, sleep } from "../asyncio/index.ts";
import { type Coding, codingsOf, decodeAtOnce, Decoder, type ReadPiece } from "./decode.ts";

const text = "pottle, quart and pint; ".repeat(10_000);
const coded: readonly [coding: Coding, bytes: Uint8Array][] = [
  ["gzip", gzipSync(text)],
  ["deflate", deflateSync(text)],
  ["deflate", deflateRawSync(text)],
  ["br", brotliCompressSync(text)],
  ["zstd", zstdCompressSync(text)],
];

/** Returns `bytes` in pieces of `size`, each a turn later. */
function pieces(bytes: Uint8Array, size: number): ReadPiece {
  let at = 0;
  return async () => {
    await sleep(0);
    const piece = bytes.subarray(at, (at += size));
    return piece.length === 0 ? undefined : piece;
  };
}

async function readAll(decoder: Decoder): Promise<string> {
  const all: Uint8Array[] = [];
  for (let piece = await decoder.read(); piece !== undefined; piece = await decoder.read()) all.push(piece);
  return Buffer.concat(all).toString();
}

test("Decoder decodes each coding, in pieces of any size, and at once", async () => {
  for (const [coding, bytes] of coded) {
    for (const size of [1, 7, 10_000]) {
      assert.equal(await readAll(new Decoder(coding, pieces(bytes, size))), text, `${coding} by ${size}`);
    }
    assert.equal(Buffer.from(decodeAtOnce(bytes, coding)!).toString(), text);
  }
});

test("Decoder makes nothing of nothing, and an error of what breaks off", { timeout: 5_000 }, async () => {
  for (const [coding, bytes] of coded) {
    assert.equal(await readAll(new Decoder(coding, pieces(new Uint8Array(), 1))), "");
    await assert.rejects(readAll(new Decoder(coding, pieces(bytes.subarray(0, -3), 20))), Error, coding);
    assert.throws(() => decodeAtOnce(bytes.subarray(0, -3), coding), Error);
  }
});

test("Decoder decodes no more than is read", async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const decoder = new Decoder("gzip", pieces(bomb, bomb.length));
  const before = process.memoryUsage().arrayBuffers;
  assert.ok(((await decoder.read())?.length ?? 0) > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
  decoder.close();
  assert.equal(decodeAtOnce(bomb, "gzip"), undefined, "it is too large to be decoded at once");
});

test("Decoder.read() can be cancelled while it waits for more", async () => {
  const never: ReadPiece = () => sleep(60_000, undefined);
  const task = createTask(() => new Decoder("gzip", never).read(), { eagerStart: true });
  task.cancel();
  await assert.rejects(task, isCancelled);
});

test("codingsOf() gives the codings in the order in which they are undone, or none", () => {
  for (const [header, codings] of [
    [undefined, []],
    ["", []],
    ["gzip", ["gzip"]],
    [" GZIP , br,", ["br", "gzip"]],
    ["identity", []],
    ["identity, deflate", ["deflate"]],
    ["gzip, unheard-of", []],
    ["gzip, gzip, gzip, gzip", []],
  ] as const) {
    assert.deepEqual(codingsOf(header), codings, `of ${header}`);
  }
});
