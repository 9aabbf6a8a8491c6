import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AccessedExchange,
  type AccessEntry,
  ClientDisconnected,
  ConnectionCut,
  ServerShutdown,
} from "../../http/index.ts";
import { createAccessFormat } from "./access-format.ts";
import { servedEntry as entry, servedExchange as exchange } from "./entry.fixture.ts";

function line(format: string, one: AccessEntry = entry, of: AccessedExchange | undefined = exchange): string {
  return createAccessFormat("log", format, false).line(one, of);
}

// What Hypercorn prints for such a request, but for the path, which Hypercorn decodes, and for `o`, which it does not have.
const atoms: [atom: string, text: string][] = [
  ["h", "203.0.113.9:51234"],
  ["l", "-"],
  ["u", "-"],
  ["r", "GET /a%20b 1.1"],
  ["R", "GET /a%20b?x=1 1.1"],
  ["m", "GET"],
  ["U", "/a%20b"],
  ["Uq", "/a%20b?x=1"],
  ["q", "x=1"],
  ["H", "1.1"],
  ["s", "200"],
  ["st", "OK"],
  ["S", "http"],
  ["b", "32"],
  ["B", "32"],
  ["f", "https://example.com/"],
  ["a", "curl/8.5"],
  ["T", "2"],
  ["D", "2000625"],
  ["L", "2.000625"],
  ["p", `<${process.pid}>`],
  ["{HOST}i", "example.com"],
  ["{Cookie}i", "-"],
  ["{Content-Type}o", "text/plain"],
  ["{Set-Cookie}o", "-"],
  ["{NO_SUCH_VARIABLE}e", "-"],
  ["o", "served"],
];

for (const [atom, text] of atoms) {
  test(`the atom ${atom} of an access log is ${text}`, () => {
    assert.equal(line(`<%(${atom})s>`), `<${text}>`);
  });
}

test("the atom {V}e is a variable of the environment, escaped", (context) => {
  process.env["POTTLE_LOG_TEST"] = 'a "b"';
  context.after(() => delete process.env["POTTLE_LOG_TEST"]);
  assert.equal(line("%({POTTLE_LOG_TEST}e)s"), 'a \\"b\\"');
});

test("the atom t is the local time, with its offset", () => {
  const [, day, month, year, time, sign, hours, minutes] =
    /^\[(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-])(\d\d)(\d\d)\]$/.exec(line("%(t)s")) ?? [];
  const logged = Date.parse(`${day} ${month} ${year} ${time} GMT${sign}${hours}${minutes}`);
  assert(Math.abs(Date.now() - logged) < 60_000, line("%(t)s"));
});

test("a format string may have text and percent signs around its atoms", () => {
  assert.equal(line("100%% %(m)s, %(s)s."), "100% GET, 200.");
});

test("a request that was refused before there was an exchange has - for what is not known", () => {
  const refused: AccessEntry = { ...entry, status: 400, outcome: { kind: "refused", reason: "two Host headers" } };
  const format = createAccessFormat("log", "%(r)s %(H)s %(S)s %(s)s %(st)s %(b)s %(f)s %(a)s %(o)s", false);
  assert.equal(format.line(refused, undefined), "GET /a%20b - - - 400 Bad Request - - - refused: two Host headers");
});

const left = new ClientDisconnected(entry.peer, 512.4);
const cancelled: AccessEntry = { ...entry, status: 200, outcome: { kind: "cancelled", reason: left } };
const unfinished = { ...exchange, finished: false };
const why = "cancelled: Client 203.0.113.9:51234 disconnected after 512 ms";

test("hypercorn is Hypercorn's own format; of a cancelled request it has the status -, and why", () => {
  const time = line("%(t)s");
  const rest = `32 "https://example.com/" "curl/8.5"`;
  assert.equal(line("hypercorn"), `203.0.113.9:51234 - - ${time} "GET /a%20b 1.1" 200 ${rest}`);
  assert.equal(
    line("hypercorn", cancelled, unfinished),
    `203.0.113.9:51234 - - ${time} "GET /a%20b 1.1" - ${rest} "${why}"`,
  );
});

test("combined is Apache's; of a cancelled request it has the status -, and why", () => {
  const time = line("%(t)s");
  const request = `"GET /a%20b?x=1 HTTP/1.1"`;
  const sender = `"https://example.com/" "curl/8.5"`;
  assert.equal(line("combined"), `203.0.113.9 - - ${time} ${request} 200 32 ${sender}`);
  assert.equal(line("combined", cancelled, unfinished), `203.0.113.9 - - ${time} ${request} - 32 ${sender} "${why}"`);
  const refused: AccessEntry = { ...entry, method: "-", target: "-", peer: undefined, status: 400, bytes: 0 };
  assert.equal(
    createAccessFormat("log", "combined", false).line(refused, undefined),
    `- - - ${time} "- -" 400 - "-" "-"`,
  );
});

test("json is one object; of a cancelled request it has no status, and why", () => {
  const { time, ...object } = JSON.parse(line("json")) as Record<string, unknown>;
  assert(Math.abs(Date.now() - Date.parse(String(time))) < 60_000);
  assert.deepEqual(object, {
    client: "203.0.113.9",
    clientPort: 51_234,
    method: "GET",
    target: "/a%20b?x=1",
    version: "1.1",
    status: 200,
    bytes: 32,
    milliseconds: 2_000.625,
    referer: "https://example.com/",
    userAgent: "curl/8.5",
    outcome: "served",
  });
  const { status, outcome, reason } = JSON.parse(line("json", cancelled, unfinished)) as Record<string, unknown>;
  assert.deepEqual({ status, outcome, reason }, { status: null, outcome: "cancelled", reason: left.message });
});

test("json names the proxy as well if the client is another one", () => {
  const proxied = { ...entry, client: { address: "198.51.100.7", port: 0 } };
  const { client, peer, peerPort } = JSON.parse(line("json", proxied)) as Record<string, unknown>;
  assert.deepEqual({ client, peer, peerPort }, { client: "198.51.100.7", peer: "203.0.113.9", peerPort: 51_234 });
});

test("a cancelled request has the status that its client has seen", () => {
  const late: AccessEntry = {
    ...cancelled,
    status: 503,
    outcome: { kind: "cancelled", reason: new ServerShutdown(5) },
  };
  assert.equal(line("%(s)s %(st)s", late, { ...exchange, finished: true }), "503 Service Unavailable");
  assert.equal(line("%(s)s %(st)s", late, unfinished), "- -");
  const slow = new ConnectionCut(entry.peer, 5, "the body is late", 408);
  const answered: AccessEntry = { ...cancelled, status: 408, outcome: { kind: "cancelled", reason: slow } };
  assert.equal(line("%(s)s %(st)s", answered, unfinished), "408 Request Timeout");
});

test("development is the line that is printed today, in colours if it may", () => {
  assert.equal(line("development"), "203.0.113.9:51234 GET /a%20b?x=1 200 32 B 2001 ms served");
  const coloured = createAccessFormat("log", "development", true);
  for (const [status, colour] of [
    [200, 32],
    [304, 36],
    [404, 33],
    [500, 31],
    [undefined, 35],
  ] as const) {
    const painted = ` \u001b[${colour}m${status ?? "-"}\u001b[39m 32 B`;
    assert(coloured.line({ ...entry, status }, exchange).includes(painted));
  }
});

const evil = 'a" 200 "-\\\r\n\u0000\u001b[31m\u0085\u2028\u202e\ud800é€';

test("what a client sends is escaped in the formats of text", () => {
  const forged = { ...exchange, rawHeaders: ["User-Agent", evil] };
  assert.equal(
    line('"%(a)s"', entry, forged),
    String.raw`"a\" 200 \"-\\\x0d\x0a\x00\x1b[31m\x85\u2028\u202e\ud800\xe9\u20ac"`,
  );
});

test("nothing that a client sends makes a line, ends a field or speaks to a terminal", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constant(evil));
  fc.assert(
    fc.property(text, text, text, text, (method, target, agent, reason) => {
      const forged: AccessEntry = { ...entry, method, target, outcome: { kind: "cancelled", reason } };
      const of = { ...unfinished, rawHeaders: ["User-Agent", agent, "Referer", target] };
      for (const format of ["hypercorn", "combined"]) {
        const fields = line(format, forged, of).match(/"(?:[^"\\]|\\.)*"/g);
        assert.equal(fields?.length, 4);
        assert.match(line(format, forged, of), /^[ -~]*$/);
      }
      assert.match(line("development", forged, of), /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u);
      assert.match(line("json", forged, of), /^[ -~]*$/);
      const parsed = JSON.parse(line("json", forged, of)) as Record<string, unknown>;
      assert.deepEqual([parsed["target"], parsed["userAgent"], parsed["reason"]], [target, agent, reason]);
    }),
  );
});

test("each format has a line for those that were dropped", () => {
  const text = createAccessFormat("log", "combined", false).dropped(1);
  assert.equal(text, "# 1 line was dropped, as the log did not take them");
  const { dropped } = JSON.parse(createAccessFormat("log", "json", false).dropped(7)) as Record<string, unknown>;
  assert.equal(dropped, 7);
});

const refusals: [format: unknown, error: typeof Error, message: string][] = [
  [7, TypeError, "must be development, hypercorn, combined, json or a string with %(…)s in it: current value is 7"],
  ["apache", RangeError, 'with %(…)s in it: current value is "apache"'],
  ["", RangeError, 'with %(…)s in it: current value is ""'],
  [
    "%(x)s",
    RangeError,
    'its atoms must be among h l u t r R m U Uq q H s st S b B f a T D L p o {Header}i {Header}o {VARIABLE}e: current value is "x"',
  ],
  ["%(constructor)s", RangeError, 'current value is "constructor"'],
  ["%(s)d", RangeError, "each '%' in the format must be followed by '(NAME)s' or another '%': current value is \"%\""],
  ["%(s)s\n%(m)s", RangeError, "the format must be one line: current value is"],
];

for (const [format, error, message] of refusals) {
  test(`an access log refuses the format ${JSON.stringify(format)}`, () => {
    assert.throws(
      () => createAccessFormat("log", format, false),
      (thrown: unknown) => {
        assert(thrown instanceof error);
        assert(thrown.message.startsWith("Cannot log as ") && thrown.message.includes(message), thrown.message);
        return true;
      },
    );
  });
}
