import assert from "node:assert/strict";
import { test } from "node:test";
import { clientAddress } from "./client-address.ts";

for (const [address, key] of [
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0db8:1::6", "2001:db8:1:0::/64"],
  ["2001:db8::1:2:3:4:5", "2001:db8:0:1::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
] as const) {
  test(`clientAddress() of ${address} is ${key}`, () => {
    assert.equal(clientAddress({ peer: { address, port: 1 } } as never), key);
  });
}

test("clientAddress() of a client without an address is empty", () => {
  assert.equal(clientAddress({ peer: undefined } as never), "");
});
