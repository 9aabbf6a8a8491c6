import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { difference, encodePng, type Pixels } from "./palette-png.ts";

/** A row of pixels, each 0xRRGGBB. */
function row(...colors: number[]): Pixels {
  const data = colors.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255, 255]);
  return { width: colors.length, height: 1, data: Uint8Array.from(data) };
}

/** The content of a chunk of a PNG. */
function chunkOf(png: Buffer, type: string): Buffer {
  const at = png.indexOf(type, 0, "latin1");
  return png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
}

test("encodePng() writes the colours once, and the place of each pixel's colour among them", () => {
  const png = encodePng(row(0xff0000, 0x00ff00, 0xff0000));
  assert.deepEqual([...chunkOf(png, "IHDR")], [0, 0, 0, 3, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
  assert.deepEqual([...chunkOf(png, "PLTE")], [255, 0, 0, 0, 255, 0]);
  assert.deepEqual([...inflateSync(chunkOf(png, "IDAT"))], [0, 0, 1, 0]);
});

test("encodePng() replaces a rare colour by the nearest of the frequent ones", () => {
  const frequent = Array.from({ length: 64 }, (_, i) => i * 4);
  const png = encodePng(row(...frequent, ...frequent, 0xff0000, 41));
  const places = inflateSync(chunkOf(png, "IDAT"));
  assert.equal(chunkOf(png, "PLTE").length, 64 * 3);
  assert.equal(places.at(-1), 10);
});

test("difference() is the share of pixels that look different", () => {
  assert.equal(difference(row(0, 0, 0, 0), row(0, 0x0a0a00, 0, 0)), 0);
  assert.equal(difference(row(0, 0, 0, 0), row(0, 0xffffff, 0, 0)), 0.25);
  assert.equal(difference(row(0), row(0, 0)), 1);
});
