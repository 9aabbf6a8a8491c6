import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InterimFilter } from "./wire.ts";

/**
 * Filters `text`, which arrives in pieces that are cut at `cuts`. Returns the rest, and the number of interim
 * responses.
 */
function filter(text: string, cuts: readonly number[]): [rest: string, count: number] {
  let count = 0;
  const interim = new InterimFilter(() => void count++);
  interim.begin();
  const places = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].toSorted(
    (a, b) => a - b,
  );
  let rest = "";
  for (const [n, from] of places.entries()) {
    rest += interim.filter(Buffer.from(text.slice(from, places[n + 1]), "latin1")).toString("latin1");
  }
  return [rest, count];
}

const crlf = fc.constantFrom("\r\n", "\n");
const interimHead = fc
  .tuple(
    fc.constantFrom("HTTP/1.1", "HTTP/1.0"),
    fc.constantFrom(100, 102, 103, 199),
    fc.array(fc.constantFrom("Link: </a>", "Connection: close", "X: HTTP/1.1 200", "Y:")),
    crlf,
  )
  .map(([version, status, fields, end]) => [`${version} ${status} Text`, ...fields, "", ""].join(end));
const response = fc.constantFrom(
  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  "HTTP/1.1 413 Too Large\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\n\r\n",
  "junk that is not HTTP",
);

test("InterimFilter takes all interim responses out before a response, in whatever pieces they arrive", () => {
  fc.assert(
    fc.property(fc.array(interimHead, { maxLength: 5 }), response, fc.array(fc.nat()), (heads, last, cuts) => {
      assert.deepEqual(filter(heads.join("") + last, cuts), [last, heads.length]);
    }),
  );
});

test("InterimFilter takes nothing out of what follows a response, until the next one begins", () => {
  let count = 0;
  const interim = new InterimFilter(() => void count++);
  const hint = Buffer.from("HTTP/1.1 103 Early Hints\r\n\r\n");
  assert.equal(interim.filter(hint), hint, "no response was expected yet");
  interim.begin();
  assert.equal(interim.filter(hint).byteLength, 0);
  const last = Buffer.from("HTTP/1.1 204 No Content\r\n\r\n");
  assert.equal(interim.filter(last), last);
  assert.equal(interim.filter(hint), hint);
  interim.begin();
  assert.equal(interim.filter(hint).byteLength, 0);
  assert.equal(count, 2);
});

test("InterimFilter.isTooLarge is set by a head of more than 16 KiB, and not by many small ones", () => {
  const interim = new InterimFilter(() => {});
  interim.begin();
  for (let n = 0; n < 2_000; n++) interim.filter(Buffer.from("HTTP/1.1 100 Continue\r\n\r\n"));
  assert.equal(interim.isTooLarge, false);
  interim.filter(Buffer.from("HTTP/1.1 100 Continue\r\n"));
  for (let size = 0; size < 16_384; size += 8) interim.filter(Buffer.from("X: abc\r\n"));
  assert.equal(interim.isTooLarge, true);
});
