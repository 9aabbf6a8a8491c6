import assert from "node:assert/strict";
import { test } from "node:test";
import { checkServeOptions } from "../serve-options.ts";
import { checkHttp2Options, type Http2Options } from "./options.ts";

const serve = checkServeOptions({ keepAliveTimeout: 1, headersTimeout: 2, requestTimeout: 3, writeTimeout: 4 });

test("checkHttp2Options() fills in the defaults that its doc comments name, and the limits of the server", () => {
  assert.deepEqual(checkHttp2Options({}, serve), {
    keepAliveTimeout: 1,
    headersTimeout: 2,
    requestTimeout: 3,
    writeTimeout: 4,
    maxConcurrentStreams: 100,
    maxHeaderListSize: 65_536,
    minBodyRate: 240,
    maxRequestsPerConnection: 10_000,
    streamBuffer: 65_536,
    resetBurst: 1_000,
    resetRate: 33,
    overheadBurst: 262_144,
    overheadRate: 65_536,
  });
});

const bad: readonly (readonly [options: Http2Options, message: RegExp])[] = [
  [{ maxConcurrentStreams: 0 }, /^Cannot serve as 'http2.maxConcurrentStreams' must be .* from 1 to 10000: .* is 0$/],
  [{ maxHeaderListSize: 98_305 }, /'http2.maxHeaderListSize' must be a whole number of bytes from 1 to 98304/],
  [{ streamBuffer: NaN }, /'http2.streamBuffer'/],
  [{ resetBurst: -1 }, /'http2.resetBurst'/],
  [{ resetRate: Infinity }, /'http2.resetRate'/],
  [{ overheadBurst: "1" as never }, /'http2.overheadBurst'/],
  [{ overheadRate: 0 }, /'http2.overheadRate'/],
];

for (const [options, message] of bad) {
  test(`checkHttp2Options() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => checkHttp2Options(options, serve), { message });
  });
}
