// Pictures of pages have few colours that matter. A palette of 64 makes their files a quarter as large.

import { crc32, deflateSync } from "node:zlib";

/** The pixels of a picture: red, green, blue and opacity of each, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The colours of a palette. */
const PALETTE_SIZE = 64;

/** How far two colours may be apart, summed over red, green and blue, and still look the same. */
const TOLERANCE = 24;

/** Writes `pixels` as a PNG with a palette of its most frequent colours; others become the nearest of these. */
export function encodePng({ width, height, data }: Pixels): Buffer {
  const colors = colorsOf(data);
  const palette = mostFrequent(colors);
  const indexes = nearestIndexes(new Set(colors), palette);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexes.get(colors[y * width + x]!)!;
  }
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header(width, height)),
    chunk("PLTE", Buffer.from(palette.flatMap(channels))),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The share of pixels, from 0 to 1, by which two pictures differ to the eye. */
export function difference(one: Pixels, other: Pixels): number {
  if (one.width !== other.width || one.height !== other.height) return 1;
  const [before, after] = [colorsOf(one.data), colorsOf(other.data)];
  let differing = 0;
  for (const [i, color] of before.entries()) if (distance(color, after[i]!) > TOLERANCE) differing++;
  return differing / before.length;
}

// Each as one number, 0xRRGGBB: pages are opaque.
function colorsOf(data: Uint8Array): Uint32Array {
  const colors = new Uint32Array(data.length / 4);
  for (let i = 0; i < colors.length; i++) {
    colors[i] = (data[i * 4]! << 16) | (data[i * 4 + 1]! << 8) | data[i * 4 + 2]!;
  }
  return colors;
}

function mostFrequent(colors: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || a - b)
    .slice(0, PALETTE_SIZE)
    .map(([color]) => color);
}

function nearestIndexes(colors: ReadonlySet<number>, palette: readonly number[]): Map<number, number> {
  const indexes = new Map<number, number>();
  for (const color of colors) {
    let best = 0;
    for (let i = 1; i < palette.length; i++) {
      if (distance(palette[i]!, color) < distance(palette[best]!, color)) best = i;
    }
    indexes.set(color, best);
  }
  return indexes;
}

function distance(one: number, other: number): number {
  const red = Math.abs((one >> 16) - (other >> 16));
  const green = Math.abs(((one >> 8) & 255) - ((other >> 8) & 255));
  return red + green + Math.abs((one & 255) - (other & 255));
}

function channels(color: number): number[] {
  return [color >> 16, (color >> 8) & 255, color & 255];
}

// Eight bits for each pixel, which are a place in the palette.
function header(width: number, height: number): Buffer {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(width, 0);
  content.writeUInt32BE(height, 4);
  content.set([8, 3, 0, 0, 0], 8);
  return content;
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
