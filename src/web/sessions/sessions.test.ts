import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NotFound } from "../errors/statuses.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { Blueprint } from "../app/blueprint.ts";
import { Pottle } from "../app/pottle.ts";
import { html, raw } from "../html/html.ts";
import { makeResponse } from "../message/from-result.ts";
import { type Exchange, WrappedExchange } from "../../http/index.ts";
import { serve } from "../../server/index.ts";
import { abort } from "../message/abort.ts";
import { redirect } from "../message/redirect.ts";
import { URLSafeTimedSerializer } from "../security/url-safe-timed-serializer.ts";
import { Browser } from "./browser.fixture.ts";
import { MemorySessionStore } from "./memory-store.ts";
import type { SessionOptions } from "./session-options.ts";
import { session, sessions } from "./sessions.ts";
import { decodeTagged, encodeTagged } from "./tagged-json.ts";

const secretKey = "secret";

function createApp(options: SessionOptions = {}): Pottle {
  const app = new Pottle();
  sessions(app, { secretKey, ...options });
  app.get("/untouched", () => "x");
  app.get("/read", () => ({ user: session().get("user") ?? null, isNew: session().new }));
  app.get("/login/<user>", ({ user }) => {
    session().set("user", user);
    return "x";
  });
  app.get("/permanent", () => {
    session().permanent = true;
    return "x";
  });
  app.get("/push", () => {
    (session<{ list: string[] }>().get("list") ?? abort(400)).push("x");
    return "x";
  });
  app.get("/list", () => {
    session().set("list", []);
    return "x";
  });
  app.get("/clear", () => {
    session().clear();
    return "x";
  });
  return app;
}

function flaskSerializer(digest: "sha1" | "sha256" = "sha256", key = secretKey): URLSafeTimedSerializer {
  const serializer = { dumps: encodeTagged, loads: decodeTagged };
  return new URLSafeTimedSerializer(key, { salt: "cookie-session", digest, keyDerivation: "hmac", serializer });
}

for (const [values, cookie] of [
  [{ u: 1 }, "eyJ1IjoxfQ.ZVPxAA.zWbDe3MWS_G6mPn1vgSlNgm4c1E"],
  [{ a: "x".repeat(200) }, ".eJyrVkpUslKqGCZAqRYAvw9f3A.ZVPxAA.qXIbHkZRob1CF4fjAfHJE1_CWbY"],
] as const) {
  test(`sessions() writes and reads Flask's cookie ${cookie}`, async ({ mock }) => {
    mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
    const app = new Pottle();
    sessions(app, { secretKey, digest: "sha1" });
    app.get("/write", () => {
      for (const [key, value] of Object.entries(values)) session().set(key, value);
      return "x";
    });
    app.get("/read", () => Object.fromEntries(session()));
    const browser = new Browser(app);
    await browser.get("/write");
    assert.equal(browser.cookies.get("session"), cookie);
    assert.deepEqual((await browser.get("/read")).json(), values);
  });
}

test("session() keeps values from request to request, and sets the cookie if they changed only", async () => {
  const browser = new Browser(createApp());
  const login = await browser.get("/login/ada");
  assert.match(login.headers.get("set-cookie") ?? "", /^session=[\w.-]+; HttpOnly; Path=\/; SameSite=Lax$/);
  assert.equal(login.headers.get("vary"), "Cookie");
  const read = await browser.get("/read");
  assert.deepEqual(read.json(), { user: "ada", isNew: false });
  assert.equal(read.headers.get("set-cookie"), undefined);
  assert.equal(read.headers.get("vary"), "Cookie");
  assert.equal((await browser.get("/login/ada")).headers.get("set-cookie"), undefined);
});

test("session() that is not used adds no header", async () => {
  const browser = new Browser(createApp());
  await browser.get("/login/ada");
  const { headers } = await browser.get("/untouched");
  assert.equal(headers.get("vary"), undefined);
  assert.equal(headers.get("set-cookie"), undefined);
});

test("session() notices a change inside a value", async () => {
  const browser = new Browser(createApp());
  await browser.get("/list");
  assert.ok((await browser.get("/push")).headers.has("set-cookie"));
  assert.ok((await browser.get("/push")).headers.has("set-cookie"));
});

test("session() that is emptied removes the cookie", async () => {
  const browser = new Browser(createApp());
  await browser.get("/login/ada");
  const { headers } = await browser.get("/clear");
  assert.match(headers.get("set-cookie") ?? "", /^session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; /);
  assert.equal((await browser.get("/clear")).headers.get("set-cookie"), undefined);
});

test("session() that is permanent outlives the browser, and begins anew with each use unless told not to", async () => {
  for (const refreshEachRequest of [true, false]) {
    const browser = new Browser(createApp({ refreshEachRequest }));
    const { headers } = await browser.get("/permanent");
    assert.match(headers.get("set-cookie") ?? "", /; Max-Age=2678400; /);
    assert.equal((await browser.get("/read")).headers.has("set-cookie"), refreshEachRequest);
  }
});

test("sessions() passes its options on to the cookie", async () => {
  const options: SessionOptions = {
    cookieName: "__Secure-id",
    domain: "example.org",
    path: "/",
    secure: true,
    httpOnly: false,
    sameSite: "strict",
    partitioned: true,
    lifetime: 60_000,
  };
  const { headers } = await new Browser(createApp(options)).get("/permanent");
  assert.match(
    headers.get("set-cookie") ?? "",
    /^__Secure-id=[^;]+; Domain=example.org; Max-Age=60; Secure; Path=\/; SameSite=Strict; Partitioned$/,
  );
});

test("sessions() sets a cookie for HTTPS only if the request came over HTTPS, unless told otherwise", async () => {
  for (const [secure, scheme, isSecure] of [
    [undefined, "https", true],
    [undefined, "http", false],
    [false, "https", false],
    [true, "http", true],
  ] as const) {
    const app = createApp(secure === undefined ? {} : { secure });
    const handle = (exchange: Exchange): Promise<void> => app.handle(new WrappedExchange(exchange, { scheme }));
    const browser = new Browser({ handle });
    for (const path of ["/login/ada", "/clear"]) {
      const line = (await browser.get(path)).headers.get("set-cookie") ?? "";
      assert.equal(line.includes("; Secure"), isSecure, line);
    }
  }
});

test("session() is saved with error pages, streams, redirects and changes that hooks make", async () => {
  const app = createApp();
  app.afterRequest(() => void session().set("after", true));
  app.errorHandler(404, () => {
    session().set("missed", true);
    return "nothing";
  });
  app.get("/error", () => {
    session().set("user", "ada");
    throw new NotFound();
  });
  app.get("/stream", () => {
    session().set("user", "ada");
    return (async function* () {
      yield "x";
    })();
  });
  app.get("/redirect", () => {
    session().set("user", "ada");
    return redirect("/");
  });
  for (const [path, status] of [
    ["/error", 404],
    ["/stream", 200],
    ["/redirect", 302],
    ["/missing", 404],
  ] as const) {
    const browser = new Browser(app);
    const response = await browser.get(path);
    assert.equal(response.status, status, path);
    assert.ok(response.headers.has("set-cookie"), path);
  }
});

test("session() is saved with the page of an error that was not handled", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  app.get("/error", () => {
    session().set("user", "ada");
    abort(418);
  });
  const { status, headers } = await new Browser(app).get("/error");
  assert.equal(status, 418);
  assert.ok(headers.has("set-cookie"));
});

test("session() of an outer application is saved with the response of a mounted one", async () => {
  const inner = new Pottle();
  inner.get("/", () => makeResponse("inner", 200, { Vary: "Accept" }));
  const app = new Pottle();
  sessions(app, { secretKey });
  app.beforeRequest(() => void session().set("seen", true));
  app.mount("/inner", inner);
  const { headers } = await new Browser(app).get("/inner/");
  assert.ok(headers.has("set-cookie"));
  assert.deepEqual(headers.getAll("vary"), ["Accept", "Cookie"]);
});

test("session() in a stream can be read but not changed", async () => {
  const app = createApp();
  const outcomes: unknown[] = [];
  app.get("/late", () =>
    (async function* () {
      outcomes.push(session().get("user"));
      assert.throws(() => session().set("user", "eve"), {
        name: "InvalidStateError",
        message: "Cannot change the session as its response has begun",
      });
      yield "x";
    })(),
  );
  const browser = new Browser(app);
  await browser.get("/login/ada");
  assert.equal((await browser.get("/late")).text(), "x");
  assert.deepEqual(outcomes, ["ada"]);
});

test("session() without a secret key can be read but not changed", async () => {
  for (const app of [new Pottle(), createApp({ secretKey: undefined as never })]) {
    app.get("/try", () => {
      assert.equal(session().get("user"), undefined);
      assert.equal(session().pop("user"), undefined);
      assert.throws(
        () => session().set("user", 1),
        /^InvalidStateError: Cannot change the session as its application has no secret key: call sessions/,
      );
      assert.throws(() => (session().permanent = true), /no secret key/);
      assert.throws(() => session().regenerate(), /no secret key/);
      return "x";
    });
    const { status, headers } = await new Browser(app).get("/try");
    assert.equal(status, 200);
    assert.equal(headers.get("vary"), undefined);
  }
});

test("session() outside a request is a clear error", () => {
  assert.throws(() => session(), { name: "InvalidStateError", message: /^Cannot use session\(\)/ });
});

test("session() that can no longer be stored is an error, and its changes are not sent", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  app.get("/", () => {
    session().set("list", []);
    (session().get("list") as unknown[]).push(() => 1);
    return "x";
  });
  const reports = await reportsOf(async () => {
    const { status, headers } = await new Browser(app).get("/");
    assert.equal(status, 500);
    assert.equal(headers.has("set-cookie"), false);
  });
  assert.match(String(reports), /Cannot store a value in a session/);
});

test("Session has the properties of a dictionary", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  app.get("/", () => {
    const one = session<{ a: number; b: string[]; __proto__: number }>();
    assert.equal(one.modified, false);
    one.set("a", 1).set("b", ["x"]).set("__proto__", 3);
    assert.equal(one.modified, true);
    assert.deepEqual(
      [...one],
      [
        ["a", 1],
        ["b", ["x"]],
        ["__proto__", 3],
      ],
    );
    assert.equal(one.pop("a"), 1);
    assert.equal(one.has("a"), false);
    assert.equal(one.delete("b"), true);
    assert.equal(one.delete("b"), false);
    assert.equal(one.size, 1);
    assert.throws(() => one.set("a", new Map() as never), TypeError);
    assert.throws(() => one.set(1 as never, 1 as never), TypeError);
    assert.throws(() => ((one as never as { user: string }).user = "ada"), TypeError);
    one.clear();
    assert.equal(one.modified, false);
    one.modified = true;
    assert.equal(one.modified, true);
    return "x";
  });
  assert.equal((await new Browser(app).get("/")).status, 200);
});

test("sessions() reads what older keys have signed, and signs with the new one", async () => {
  const browser = new Browser(createApp({ secretKey: "old" }));
  await browser.get("/login/ada");
  const rotated = new Browser(createApp({ secretKey: "new", secretKeyFallbacks: ["older", "old"] }));
  rotated.cookies.set("session", browser.cookies.get("session")!);
  assert.deepEqual((await rotated.get("/read")).json(), { user: "ada", isNew: false });
  await rotated.get("/login/eve");
  assert.deepEqual(flaskSerializer("sha256", "new").loads(rotated.cookies.get("session")!), { user: "eve" });
  const retired = new Browser(createApp({ secretKey: "new" }));
  retired.cookies.set("session", browser.cookies.get("session")!);
  assert.deepEqual((await retired.get("/read")).json(), { user: null, isNew: true });
});

test("sessions() does not trust a session that is older than its lifetime, or from the future", async ({ mock }) => {
  mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const browser = new Browser(createApp({ lifetime: 60_000 }));
  await browser.get("/login/ada");
  mock.timers.setTime(1_700_000_060_000);
  assert.equal((await browser.get("/read")).json<{ user: unknown }>().user, "ada");
  mock.timers.setTime(1_700_000_061_000);
  assert.equal((await browser.get("/read")).json<{ user: unknown }>().user, null);
  mock.timers.setTime(1_699_999_999_000);
  assert.equal((await browser.get("/read")).json<{ user: unknown }>().user, null);
});

test("sessions() does not trust what was signed for another purpose, or is not a session", async () => {
  const browser = new Browser(createApp());
  for (const cookie of [
    new URLSafeTimedSerializer(secretKey, { salt: "other", keyDerivation: "hmac" }).dumps({ user: "eve" }),
    new URLSafeTimedSerializer(secretKey, { salt: "cookie-session" }).dumps({ user: "eve" }),
    flaskSerializer("sha1").dumps({ user: "eve" }),
    flaskSerializer("sha256", "guess").dumps({ user: "eve" }),
    ...[[1], null, "x", 1, Object.freeze([1])].map((value) => flaskSerializer().dumps(value)),
  ]) {
    browser.cookies.set("session", cookie);
    assert.deepEqual((await browser.get("/read")).json(), { user: null, isNew: true }, cookie);
  }
});

test("sessions() takes a signed text that it could not write for a new session", async () => {
  const serializer = { dumps: String, loads: String };
  const signer = new URLSafeTimedSerializer(secretKey, { salt: "cookie-session", keyDerivation: "hmac", serializer });
  const browser = new Browser(createApp());
  for (const text of [
    `{"user":${"[".repeat(200)}${"]".repeat(200)}}`,
    `{"user":${"9".repeat(5_000)}}`,
    '{"user":{" u":"x"}}',
    '{"user":NaN}',
    "",
  ]) {
    browser.cookies.set("session", signer.dumps(text));
    assert.deepEqual((await browser.get("/read")).json(), { user: null, isNew: true });
  }
  browser.cookies.set("session", signer.dumps('{"user": 1.0, "a": 2e0}'));
  const { headers } = await browser.get("/read");
  assert.equal(headers.has("set-cookie"), false);
});

test("sessions() serves streams over a socket, and a store in several requests at once", async () => {
  const app = createApp({ store: new MemorySessionStore() });
  app.get("/count", () => {
    session().set("count", Number(session().get("count") ?? 0) + 1);
    return (async function* () {
      yield `count ${String(session().get("count"))}`;
    })();
  });
  await using server = await serve(app, { port: 0 });
  const first = await fetch(`${server.url}/count`);
  assert.equal(await first.text(), "count 1");
  const [cookie = ""] = (first.headers.get("set-cookie") ?? "").split(";");
  const texts = await Promise.all(
    Array.from({ length: 20 }, async () => await (await fetch(`${server.url}/count`, { headers: { cookie } })).text()),
  );
  assert.ok(texts.every((text) => /^count \d+$/.test(text)));
});

test("sessions() answers any cookie, and trusts none that was changed", async () => {
  const valid = flaskSerializer().dumps({ user: "ada", list: ["x"] });
  const browser = new Browser(createApp());
  const mutated = fc.tuple(fc.nat(valid.length - 1), fc.constantFrom("A", "b", ".", "-", "_", "", "=", "%"));
  const cookie = fc.oneof(
    fc.string({ unit: "grapheme-ascii" }),
    fc.nat(valid.length - 1).map((length) => valid.slice(0, length)),
    mutated.map(([at, text]) => valid.slice(0, at) + text + valid.slice(at + 1)),
    fc.string().map((text) => `${valid}${text}`),
    fc.constant("x".repeat(10_000)),
  );
  await fc.assert(
    fc.asyncProperty(cookie, async (text) => {
      const clean = text.replace(/[^\x21-\x7e]|;/g, "");
      const response = await browser.get("/read", { headers: { cookie: `session=${clean}` } });
      const { isNew } = response.json<{ isNew: boolean }>();
      assert.equal(isNew, clean.replace(/^"(.*)"$/, "$1") !== valid);
    }),
    { numRuns: 200 },
  );
});

test("sessions() keeps __proto__ of a cookie as data", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  app.get("/", () => ({ keys: [...session()].map(([key]) => key), polluted: ({} as { user?: string }).user ?? null }));
  const browser = new Browser(app);
  const serializer = { dumps: String, loads: String };
  const signer = new URLSafeTimedSerializer(secretKey, { salt: "cookie-session", keyDerivation: "hmac", serializer });
  browser.cookies.set("session", signer.dumps('{"__proto__":{"user":"eve"},"constructor":1}'));
  assert.deepEqual((await browser.get("/")).json(), { keys: ["__proto__", "constructor"], polluted: null });
});

test("sessions() warns of a cookie that browsers may drop", async () => {
  const warning = new Promise<Error>((resolve) => process.once("warning", resolve));
  const app = new Pottle();
  sessions(app, { secretKey });
  app.get("/", () => {
    session().set(
      "x",
      Array.from({ length: 3_000 }, (_, i) => i * 7919),
    );
    return "x";
  });
  await new Browser(app).get("/");
  assert.match((await warning).message, /^The cookie of a session has \d+ bytes: browsers may drop/);
});

for (const [options, name] of [
  [{ secretKey: "" }, "RangeError"],
  [{ secretKey: 1 }, "TypeError"],
  [{ secretKeyFallbacks: "old" }, "TypeError"],
  [{ secretKey: undefined, secretKeyFallbacks: ["old"] }, "RangeError"],
  [{ digest: "md5" }, "RangeError"],
  [{ store: {} }, "TypeError"],
  [{ cookieName: "a b" }, "TypeError"],
  [{ sameSite: "none", secure: false }, "TypeError"],
  [{ path: "x" }, "TypeError"],
  [{ httpOnly: 1 }, "TypeError"],
  [{ lifetime: 0 }, "RangeError"],
  [{ lifetime: "1" }, "TypeError"],
  [{ refreshEachRequest: 1 }, "TypeError"],
] as const) {
  test(`sessions() refuses ${JSON.stringify(options)}, and does not show a key`, () => {
    assert.throws(
      () => createApp(options as never),
      (error: Error) => error.name === name && !error.message.includes("old"),
    );
  });
}

test("sessions() refuses what is not an application, and a second call", () => {
  for (const app of [{}, null, new Blueprint("x")]) {
    assert.throws(() => sessions(app as never, { secretKey }), {
      name: "TypeError",
      message: /'app' must be an application/,
    });
  }
  const app = createApp();
  assert.throws(() => sessions(app, { secretKey }), { name: "SetupError" });
});

test("session() of html, dates and bytes come back as such", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  const values = {
    page: html`<b>${"&"}</b>`,
    raw: raw("<i>"),
    at: new Date(1_700_000_000_000),
    bytes: new Uint8Array([1]),
  };
  app.get("/write", () => {
    for (const [key, value] of Object.entries(values)) session().set(key, value);
    return "x";
  });
  app.get("/read", () => {
    assert.equal(String(session().get("page")), "<b>&#38;</b>");
    assert.deepEqual(session().get("at"), values.at);
    assert.deepEqual(session().get("bytes"), values.bytes);
    return "x";
  });
  const browser = new Browser(app);
  await browser.get("/write");
  assert.equal((await browser.get("/read")).status, 200);
});
