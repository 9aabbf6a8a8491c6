// Clients that send without measure. Each flood ends with its connection, costs little, and holds up nobody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "../../src/asyncio/index.ts";
import type { Exchange } from "../../src/http/index.ts";
import { type Http2ServeOptions, Http2Server } from "./_listener.ts";
import { block, code, encode, flag, frame, integer, RawClient, request, setting, uint32 } from "./_raw-client.ts";

/** More than any flood needs to be noticed, in frames. */
const many = 200_000;
const endHead = flag.endStream | flag.endHeaders;
const half = flag.endHeaders;

/** Reads the body, if there is one, and never answers `/parked`. */
async function handle(exchange: Exchange): Promise<void> {
  if (exchange.target === "/parked") await new Event().wait();
  while ((await exchange.read()) !== undefined);
  await exchange.respond(200, [], "ok");
}

interface Flood {
  readonly title: string;
  /** Sent once, before. */
  readonly before?: Uint8Array;
  /** One of the frames that are sent again and again; or each of them. */
  readonly frames: Uint8Array | ((stream: number) => Uint8Array);
  /** How many of them are sent before an answer to a PING is awaited. @default as many as there are */
  readonly atOnce?: number;
  /** The code of the GOAWAY. */
  readonly goaway: number;
  readonly http2?: Http2ServeOptions["http2"];
  /** How many requests the application sees at most. @default 0 */
  readonly requests?: number;
}

const ping = encode(frame.ping, flag.none, 0, Buffer.alloc(8));
const empty = encode(frame.settings, flag.none, 0);
const upload = encode(frame.headers, half, 1, request("POST"));
const parked = request("GET", "/parked");
const begun = encode(frame.headers, flag.endStream, 1, request());
const bomb = Buffer.concat([
  Buffer.from([0x40]),
  integer(1, 7),
  Buffer.from("x"),
  integer(4_000, 7),
  Buffer.alloc(4_000, 97),
]);
// So that a slow flood is noticed while a test can wait for it.
const strict = { overheadBurst: 50_000, overheadRate: 1_000 };

const floods: readonly Flood[] = [
  // What Node notices by itself.
  {
    title: "requests that are taken back at once",
    frames: (stream) =>
      Buffer.concat([
        encode(frame.headers, endHead, stream, parked),
        encode(frame.reset, flag.none, stream, uint32(8)),
      ]),
    goaway: code.internal,
    requests: 3_000,
  },
  {
    title: "requests that are taken back at once, with a lower limit",
    frames: (stream) =>
      Buffer.concat([
        encode(frame.headers, endHead, stream, parked),
        encode(frame.reset, flag.none, stream, uint32(8)),
      ]),
    atOnce: 10,
    goaway: code.internal,
    http2: { resetBurst: 20, resetRate: 1 },
    requests: 40,
  },
  {
    title: "requests that are made to be reset by the server",
    frames: (stream) =>
      Buffer.concat([
        encode(frame.headers, half, stream, request("POST", "/parked", ["content-length", "1"])),
        encode(frame.data, flag.endStream, stream, Buffer.from("xx")),
      ]),
    atOnce: 50,
    goaway: code.internal,
    requests: 2_000,
  },
  {
    title: "CONTINUATION",
    before: begun,
    frames: encode(frame.continuation, 0, 1, block([["a", "b"]])),
    goaway: code.internal,
  },
  { title: "empty CONTINUATION", before: begun, frames: encode(frame.continuation, 0, 1), goaway: code.internal },
  { title: "SETTINGS", frames: encode(frame.settings, 0, 0, setting(4, 65_535)), goaway: code.internal },
  { title: "empty SETTINGS", frames: empty, goaway: code.internal },
  { title: "PING", frames: ping, goaway: code.internal },
  { title: "answers to no PING", frames: encode(frame.ping, flag.ack, 0, Buffer.alloc(8)), goaway: code.internal },
  { title: "PRIORITY", frames: encode(frame.priority, 0, 3, Buffer.from([0, 0, 0, 0, 1])), goaway: code.calm },
  { title: "frames of an unknown type", frames: encode(77, 0, 0), goaway: code.calm },
  { title: "empty DATA", before: upload, frames: encode(frame.data, 0, 1), goaway: code.internal, requests: 1 },
  {
    title: "padded empty DATA",
    before: upload,
    frames: encode(frame.data, 8, 1, Buffer.alloc(1)),
    goaway: code.calm,
    requests: 1,
  },
  { title: "trailers", before: upload, frames: encode(frame.headers, half, 1), goaway: code.calm, requests: 1 },
  {
    title: "malformed heads",
    frames: (stream) => encode(frame.headers, endHead, stream, block([[":method", "GET"]])),
    atOnce: 50,
    goaway: code.internal,
  },
  // What it does not.
  { title: "WINDOW_UPDATE", frames: encode(frame.windowUpdate, 0, 0, uint32(1)), atOnce: 1_000, goaway: code.calm },
  { title: "PING with pauses", frames: ping, atOnce: 500, goaway: code.calm, http2: strict },
  { title: "SETTINGS with pauses", frames: empty, atOnce: 500, goaway: code.calm, http2: strict },
  {
    title: "PRIORITY with pauses",
    frames: encode(frame.priority, 0, 3, Buffer.from([0, 0, 0, 0, 1])),
    atOnce: 20,
    goaway: code.calm,
    http2: { overheadBurst: 5_000, overheadRate: 100 },
  },
  {
    title: "DATA of one byte",
    before: upload,
    frames: encode(frame.data, 0, 1, Buffer.from("x")),
    atOnce: 500,
    goaway: code.calm,
    requests: 1,
    http2: strict,
  },
  {
    title: "heads that are small on the wire",
    before: encode(frame.headers, endHead, 1, Buffer.concat([request(), bomb])),
    frames: (stream) =>
      encode(frame.headers, endHead, stream, Buffer.concat([request(), Buffer.alloc(10_000, 0x80 | 62)])),
    atOnce: 1,
    goaway: code.calm,
    requests: 1,
    http2: strict,
  },
];

for (const { title, before = new Uint8Array(), frames, atOnce = many, goaway, http2 = {}, requests = 0 } of floods) {
  test(`Http2Connection ends a flood of ${title}, and serves others meanwhile`, async () => {
    let seen = 0;
    await using server = await Http2Server.open(
      { handle },
      { http2, onExchange: ({ target }) => void (seen += target === "/neighbour" ? 0 : 1) },
    );
    const neighbour = await RawClient.open(server.port);
    const client = await RawClient.open(server.port);
    await client.turn();
    const memory = process.memoryUsage().rss;
    client.write(before);
    let sent = 0;
    const count = Math.min(atOnce, 2_000);
    for (let neighbours = 1; sent < many && !client.isClosed; neighbours += 2) {
      const from = 3 + 2 * sent;
      const bytes = Array.from({ length: count }, (_, i) =>
        typeof frames === "function" ? frames(from + 2 * i) : frames,
      );
      sent += count;
      await client.sent(Buffer.concat(bytes));
      if (atOnce < many) await client.turn();
      if (neighbours > 180 || client.isClosed) continue;
      neighbour.get(neighbours, "/neighbour");
      await neighbour.ended(neighbours);
    }
    await client.closed();
    assert.equal(client.goawayCode, goaway);
    assert(seen <= requests, `${seen} requests were seen`);
    assert(sent < many, "it was not ended");
    const grown = process.memoryUsage().rss - memory;
    assert(grown < 150e6, `${grown} bytes`);
    neighbour.get(199, "/neighbour");
    await neighbour.ended(199);
    assert.deepEqual([...neighbour.resets], []);
    const refused = server.entries.filter(({ outcome }) => outcome.kind === "refused");
    assert.equal(refused.length, 1);
    neighbour.leave();
  });
}
