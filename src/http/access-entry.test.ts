import assert from "node:assert/strict";
import { test } from "node:test";
import { type AccessEntry, formatAccessEntry, type RequestOutcome } from "./access-entry.ts";
import { ClientDisconnected, ConnectionCut, formatPeer } from "./errors.ts";

const peer = { address: "127.0.0.1", port: 1234 };
const entry: AccessEntry = {
  method: "GET",
  target: "/data?x=1",
  peer,
  status: 200,
  bytes: 32,
  milliseconds: 2_000.6,
  outcome: { kind: "served" },
};

const outcomes: [outcome: RequestOutcome, text: string][] = [
  [{ kind: "served" }, "served"],
  [
    { kind: "cancelled", reason: new ClientDisconnected(peer, 512.4) },
    "cancelled: Client 127.0.0.1:1234 disconnected after 512 ms",
  ],
  [{ kind: "cancelled", reason: undefined }, "cancelled"],
  [{ kind: "cancelled", reason: "enough" }, "cancelled: enough"],
  [{ kind: "refused", reason: "the request has 2 Host headers" }, "refused: the request has 2 Host headers"],
  [
    { kind: "cancelled", reason: new ConnectionCut(peer, 512.4, "the body is malformed", 400) },
    "cancelled: Server cut the connection to 127.0.0.1:1234 after 512 ms: the body is malformed",
  ],
  [{ kind: "failed", error: new TypeError("no") }, "failed: TypeError: no"],
  [{ kind: "failed", error: "no" }, "failed: no"],
];

for (const [outcome, text] of outcomes) {
  test(`formatAccessEntry() of a request that was ${text}`, () => {
    assert.equal(formatAccessEntry({ ...entry, outcome }), `127.0.0.1:1234 GET /data?x=1 200 32 B 2001 ms ${text}`);
  });
}

test("formatAccessEntry() of a request without status and peer", () => {
  const line = formatAccessEntry({ ...entry, status: undefined, peer: undefined, bytes: 0 });
  assert.equal(line, "- GET /data?x=1 - 0 B 2001 ms served");
});

test("formatAccessEntry() writes one line, and nothing that a terminal obeys", () => {
  const outcome: RequestOutcome = { kind: "failed", error: new Error("two\nlines \u001b[31m \u009b é \u202e") };
  const line = formatAccessEntry({ ...entry, target: "/\x80", outcome });
  assert.match(line, /^[\x20-\x7e\xa0-\uffff]+$/);
  assert(line.endsWith("failed: Error: two\\u000alines \\u001b[31m \\u009b é \\u202e"), line);
});

test("formatPeer() puts brackets around IPv6", () => {
  assert.equal(formatPeer({ address: "::1", port: 80 }), "[::1]:80");
});
