import assert from "node:assert/strict";
import { test } from "node:test";
import type { Peer } from "./application.ts";
import { hasTrustedHost, type NotLocal, whyNotLocal } from "./local-client.ts";

const here = "127.0.0.1";

const cases: [client: string, address: string | undefined, headers: readonly string[], why: NotLocal | undefined][] = [
  ["this machine", here, ["Host", "localhost:5000"], undefined],
  ["this machine, shouting", here, ["HOST", "LOCALHOST:5000"], undefined],
  ["this machine without a Host", here, [], undefined],
  ["this machine with an empty Host", here, ["Host", ""], undefined],
  ["this machine under a name below localhost", here, ["Host", "app.localhost"], undefined],
  ["another of its IPv4 addresses", "127.8.8.8", ["Host", "127.0.0.1:80"], undefined],
  ["its IPv6 address", "::1", ["Host", "[::1]:5000"], undefined],
  ["its IPv6 address, in full", "0:0:0:0:0:0:0:1", ["Host", "[::1]"], undefined],
  ["its IPv4 address within IPv6", "::ffff:127.0.0.1", ["Host", "[::ffff:127.0.0.1]"], undefined],
  ["a name that is given", here, ["Host", "Dev.Example:1"], undefined],
  ["another machine", "192.0.2.7", ["Host", "localhost"], "address"],
  ["another machine, within IPv6", "::ffff:192.0.2.7", ["Host", "localhost"], "address"],
  ["an address that begins like ours", "127.0.0.1.evil", ["Host", "localhost"], "address"],
  ["an address that is none", "nonsense", ["Host", "localhost"], "address"],
  ["a unix socket", undefined, ["Host", "localhost"], "address"],
  ["a rebound name", here, ["Host", "evil.example"], "host"],
  ["a name that begins like ours", here, ["Host", "localhost.evil.example"], "host"],
  ["a name that ends like ours", here, ["Host", "evil-localhost"], "host"],
  ["a name that begins like our address", here, ["Host", "127.0.0.1.evil.example"], "host"],
  ["the address that a tunnel's client knows", here, ["Host", "192.0.2.7"], "host"],
  ["the address that is everywhere", here, ["Host", "0.0.0.0:5000"], "host"],
  ["another IPv6 address", here, ["Host", "[::2]"], "host"],
  ["two Hosts of which one is foreign", here, ["Host", "localhost", "host", "evil.example"], "host"],
  ["Forwarded", here, ["Host", "localhost", "Forwarded", "for=192.0.2.1"], "proxy"],
  ["Via", here, ["Host", "localhost", "VIA", "1.1 proxy"], "proxy"],
  ["X-Forwarded-For", here, ["Host", "localhost", "x-forwarded-for", "192.0.2.1"], "proxy"],
  ["X-Forwarded-Host", here, ["Host", "localhost", "X-Forwarded-Host", "example.org"], "proxy"],
  ["X-Forwarded-Proto", here, ["Host", "localhost", "X-Forwarded-Proto", "https"], "proxy"],
  ["X-Real-IP", here, ["Host", "localhost", "X-Real-IP", ""], "proxy"],
];

for (const [client, address, rawHeaders, why] of cases) {
  test(`whyNotLocal() of ${client} is ${why}`, () => {
    const peer: Peer | undefined = address === undefined ? undefined : { address, port: 1 };
    assert.equal(whyNotLocal({ peer, rawHeaders }, ["dev.example"]), why);
  });
}

const hosts: [host: string, isTrusted: boolean][] = [
  ["localhost:5000", true],
  ["192.0.2.7:80", true],
  ["[2001:db8::1]", true],
  ["dev.example", true],
  ["evil.example", false],
  ["192.0.2.7.evil.example", false],
  ["3221225991", false],
];

for (const [host, isTrusted] of hosts) {
  test(`hasTrustedHost() of ${host} is ${isTrusted}`, () => {
    assert.equal(hasTrustedHost(["Host", host], ["dev.example"]), isTrusted);
  });
}
