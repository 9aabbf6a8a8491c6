import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AccessEntry,
  formatAccessEntry,
  Lifespan,
  MemoryExchange,
  type Peer,
  serveExchange,
} from "../../http/index.ts";
import { ask, mirror } from "./ask.fixture.ts";
import { dispatchByPrefix } from "./dispatch-by-prefix.ts";
import { parseForwarded, parseNode } from "./forwarded-elements.ts";
import { trustProxies, type TrustProxiesOptions } from "./trust-proxies.ts";

interface Seen {
  readonly peer: Peer;
  readonly scheme: string;
  readonly host: string;
  readonly basePath: string;
}

async function see(options: TrustProxiesOptions, rawHeaders: string[], from = "10.0.0.3"): Promise<Seen> {
  const head = { target: "/", rawHeaders: ["Host", "inner", ...rawHeaders], peer: { address: from, port: 5 } };
  return JSON.parse((await ask(trustProxies(mirror(), options), head)).body) as Seen;
}

const inside = { trusted: ["10.0.0.0/8", "::1", "fd00::/8"] };
const many = { ...inside, hops: 100 };
const modern = { ...many, headers: "forwarded" } as const;

for (const [what, options, value, address] of [
  ["the last address", inside, "203.0.113.9", "203.0.113.9"],
  ["not what the client wrote before it", inside, "6.6.6.6, 203.0.113.9", "203.0.113.9"],
  ["no more hops than it was told", inside, "203.0.113.9, 10.0.0.2", "10.0.0.2"],
  ["as many hops as are trusted", many, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"],
  ["the first one if all are trusted", many, "10.0.0.1, 10.0.0.2", "10.0.0.1"],
  ["an IPv6 address", many, "2001:db8::9", "2001:db8::9"],
  ["an IPv6 address behind another one", many, "2001:db8::9, fd00::1", "2001:db8::9"],
  ["an IPv4 address that is written as IPv6", many, "203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9"],
  ["what hides its address", inside, "unknown", "unknown"],
  ["itself where nothing is said", inside, "", "10.0.0.3"],
  ["itself where the address cannot be one", inside, "<script>", "10.0.0.3"],
] as const) {
  test(`trustProxies() takes ${what}`, async () => {
    assert.equal((await see(options, ["X-Forwarded-For", value])).peer.address, address);
  });
}

test("trustProxies() joins the lines of a header that comes several times", async () => {
  const headers = ["x-forwarded-for", "6.6.6.6", "X-Forwarded-For", "203.0.113.9, 10.0.0.2"];
  assert.equal((await see(many, headers)).peer.address, "203.0.113.9");
});

test("trustProxies() believes none but the peers that it was told of", async () => {
  const headers = ["X-Forwarded-For", "1.1.1.1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "a.com"];
  const seen = await see(inside, [...headers, "X-Forwarded-Prefix", "/x", "X-Forwarded-Port", "1"], "192.0.2.1");
  assert.deepEqual(
    [seen.peer.address, seen.scheme, seen.host, seen.basePath],
    ["192.0.2.1", "http", "inner", undefined],
  );
  assert.equal((await see({ trusted: ["192.0.2.1"] }, headers, "192.0.2.1")).peer.address, "1.1.1.1");
  assert.equal((await see(inside, headers, "::ffff:10.1.1.1")).peer.address, "1.1.1.1");
  assert.equal((await see({ trusted: ["unix"] }, headers)).peer.address, "10.0.0.3");
});

test("trustProxies() has the access log show the client, under whatever middlewares stand around it", async () => {
  const entries: AccessEntry[] = [];
  const application = dispatchByPrefix({ "/a": trustProxies(mirror(), inside) });
  for (const rawHeaders of [["X-Forwarded-For", "203.0.113.9"], []]) {
    const exchange = new MemoryExchange({ target: "/a", rawHeaders, peer: { address: "10.0.0.3", port: 5 } });
    exchange.upload.end();
    const served = serveExchange(application, exchange, { onAccess: (entry) => void entries.push(entry) });
    exchange.download.discard();
    await served;
  }
  assert.deepEqual(
    entries.map(({ peer, client }) => [peer?.address, client?.address]),
    [
      ["10.0.0.3", "203.0.113.9"],
      ["10.0.0.3", "10.0.0.3"],
    ],
  );
  assert.match(formatAccessEntry(entries[0]!), /^203\.0\.113\.9 GET \/a 200 /);
});

for (const [what, headers, expected] of [
  ["scheme", ["Proto", "https"], { scheme: "https" }],
  ["scheme of a WebSocket", ["Proto", "WSS"], { scheme: "https" }],
  ["no scheme that it does not know", ["Proto", "gopher"], { scheme: "http" }],
  ["scheme of the last proxy", ["Proto", "http, https"], { scheme: "https" }],
  ["host", ["Host", "example.com:8443"], { host: "example.com:8443" }],
  ["no host with a blank", ["Host", "example.com evil"], { host: "inner" }],
  ["no host with user information", ["Host", "a@b"], { host: "inner" }],
  ["port", ["Port", "8443"], { host: "inner:8443" }],
  ["port of HTTP, which is not written", ["Port", "80"], { host: "inner" }],
  ["no port that is not one", ["Port", "99999"], { host: "inner" }],
  ["prefix", ["Prefix", "/app/"], { basePath: "/app" }],
  ["prefix, decoded", ["Prefix", "/a%20b"], { basePath: "/a b" }],
  ["no prefix that names a host", ["Prefix", "//evil.com"], { basePath: "" }],
  ["no prefix that is not a path", ["Prefix", "app"], { basePath: "" }],
  ["no prefix that leads up", ["Prefix", "/a/../.."], { basePath: "" }],
  ["no prefix that cannot be decoded", ["Prefix", "/%ff"], { basePath: "" }],
] as const) {
  test(`trustProxies() takes the ${what}`, async () => {
    const [name, value] = headers;
    const seen = await see(inside, [`X-Forwarded-${name}`, value]);
    for (const [key, text] of Object.entries(expected)) assert.equal(seen[key as keyof Seen], text);
  });
}

test("trustProxies() writes the port behind the host that was said, unless it is that of the scheme", async () => {
  const host = ["X-Forwarded-Host", "example.com", "X-Forwarded-Proto", "https"];
  assert.equal((await see(inside, [...host, "X-Forwarded-Port", "8443"])).host, "example.com:8443");
  assert.equal((await see(inside, [...host, "X-Forwarded-Port", "443"])).host, "example.com");
});

for (const [value, address, scheme, host] of [
  ["for=203.0.113.9;proto=https;host=example.com", "203.0.113.9", "https", "example.com"],
  ['for=6.6.6.6, For="[2001:db8::9]:4711";Proto=HTTPS, for=10.0.0.2', "2001:db8::9", "https", "inner"],
  ['for="_hidden", for=10.0.0.2;by=10.0.0.3', "_hidden", "http", "inner"],
  ['for="203.0.113.9:80";host="ex\\ample.com"', "203.0.113.9", "http", "example.com"],
  ["proto=https", "10.0.0.3", "https", "inner"],
  ["for=1.1.1.1;for=2.2.2.2", "10.0.0.3", "http", "inner"],
  ['for="1.1.1.1', "10.0.0.3", "http", "inner"],
  ["for=1.1.1.1 proto=https", "10.0.0.3", "http", "inner"],
] as const) {
  test(`trustProxies() reads Forwarded: ${value}`, async () => {
    const seen = await see(modern, ["Forwarded", value, "X-Forwarded-For", "9.9.9.9"]);
    assert.deepEqual([seen.peer.address, seen.scheme, seen.host], [address, scheme, host]);
  });
}

test("trustProxies() does not look at Forwarded unless it was told to", async () => {
  assert.equal((await see(inside, ["Forwarded", "for=9.9.9.9;proto=https"])).peer.address, "10.0.0.3");
});

test("parseForwarded() gives back what was written, and never fails", () => {
  const text = fc.string({ unit: fc.constantFrom(...'abc019 \t,;=:[]\\"_-.é'.split("")) });
  fc.assert(
    fc.property(
      fc.array(fc.record({ for: text, host: text }, { noNullPrototype: true }), { minLength: 1 }),
      (elements) => {
        const quoted = (value: string): string => `"${value.replace(/["\\]/g, "\\$&")}"`;
        const value = elements.map((each) => `for=${quoted(each.for)}; host=${quoted(each.host)}`).join(", ");
        assert.deepEqual(parseForwarded(value), elements);
      },
    ),
  );
  fc.assert(fc.property(text, (value) => void parseForwarded(value)));
});

for (const [node, address, port] of [
  ["192.0.2.1", "192.0.2.1", 0],
  ["192.0.2.1:80", "192.0.2.1", 80],
  ["[::1]:80", "::1", 80],
  ["[::1]", "::1", 0],
  ["::1", "::1", 0],
  ["unknown", "unknown", 0],
  ["_x:_y", "_x", Number.NaN],
  ["192.0.2.1:99999", "192.0.2.1", 0],
] as const) {
  test(`parseNode() reads ${node}`, () => {
    assert.deepEqual(parseNode(node), { address, port: Number.isNaN(port) ? 0 : port });
  });
}

test("trustProxies() keeps the lifespan, and what it wraps reads and answers", async () => {
  const lifespan = new Lifespan();
  const application = trustProxies({ ...mirror(), lifespan }, inside);
  assert.equal(application.lifespan, lifespan);
});

for (const [options, name, message] of [
  [{ trusted: [] }, "RangeError", /'trusted' must name a proxy/],
  [{ trusted: "10.0.0.1" as never }, "TypeError", /'trusted' must be a list of addresses/],
  [{ trusted: [5 as never] }, "TypeError", /must be a list of addresses: current value is 5/],
  [{ trusted: ["localhost"] }, "RangeError", /or 'unix': current value is "localhost"/],
  [{ trusted: ["10.0.0.0/33"] }, "RangeError", /10\.0\.0\.0\/33/],
  [{ trusted: ["10.0.0.0/"] }, "RangeError", /networks such as/],
  [{ trusted: ["10.0.0.0/8/8"] }, "RangeError", /networks such as/],
  [{ trusted: ["10.0.0.1"], hops: 0 }, "RangeError", /'hops' must be a whole number from 1 to 100/],
  [{ trusted: ["10.0.0.1"], headers: "both" as never }, "RangeError", /'headers' must be one of/],
  [{} as never, "TypeError", /'trusted' must be a list/],
] as [TrustProxiesOptions, string, RegExp][]) {
  test(`trustProxies() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => trustProxies(mirror(), options), { name, message });
  });
}
