import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Event } from "../../asyncio/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { Pottle } from "../app/pottle.ts";
import { URLSafeTimedSerializer } from "../security/url-safe-timed-serializer.ts";
import { Browser } from "./browser.fixture.ts";
import { MemorySessionStore } from "./memory-store.ts";
import { session, sessions } from "./sessions.ts";

/** Counts the calls of each method. */
class CountingStore extends MemorySessionStore {
  readonly calls: string[] = [];

  override load(id: string): Promise<string | undefined> {
    this.calls.push("load");
    return super.load(id);
  }

  override create(id: string, text: string, lifetime: number): Promise<void> {
    this.calls.push("create");
    return super.create(id, text, lifetime);
  }

  override replace(id: string, text: string, lifetime: number): Promise<boolean> {
    this.calls.push("replace");
    return super.replace(id, text, lifetime);
  }

  override touch(id: string, lifetime: number): Promise<void> {
    this.calls.push("touch");
    return super.touch(id, lifetime);
  }

  override delete(id: string): Promise<void> {
    this.calls.push("delete");
    return super.delete(id);
  }

  take(): string[] {
    return this.calls.splice(0);
  }
}

function createApp(store: MemorySessionStore): Pottle {
  const app = new Pottle();
  sessions(app, { secretKey: "secret", store });
  app.get("/untouched", () => "x");
  app.get("/read", () => ({ user: session().get("user") ?? null }));
  app.get("/set/<user>", ({ user }) => {
    session().set("user", user);
    return "x";
  });
  app.get("/clear", () => {
    session().clear();
    return "x";
  });
  return app;
}

test("sessions() with a store asks it no more than a request needs", async () => {
  const store = new CountingStore();
  const browser = new Browser(createApp(store));
  for (const [path, calls] of [
    ["/untouched", []],
    ["/read", []],
    ["/clear", []],
    ["/set/ada", ["create"]],
    ["/untouched", ["load"]],
    ["/read", ["load", "touch"]],
    ["/set/ada", ["load", "touch"]],
    ["/set/eve", ["load", "replace"]],
    ["/clear", ["load", "delete"]],
    ["/read", []],
  ] as const) {
    await browser.get(path);
    assert.deepEqual(store.take(), calls, path);
  }
});

test("sessions() with a store never asks it for an id that was not signed", async () => {
  const store = new CountingStore();
  const browser = new Browser(createApp(store));
  await browser.get("/set/ada");
  const valid = browser.cookies.get("session")!;
  store.take();
  const signer = (salt: string): URLSafeTimedSerializer =>
    new URLSafeTimedSerializer("secret", { salt, keyDerivation: "hmac" });
  const signed = [[1], "short", { a: 1 }, "x".repeat(44), null].map((value) => signer("session-id").dumps(value));
  const cookie = fc.oneof(
    fc.constantFrom(...signed, signer("cookie-session").dumps("x".repeat(43))),
    fc.string({ unit: "grapheme-ascii" }),
    fc.nat(valid.length - 1).map((length) => valid.slice(0, length)),
  );
  await fc.assert(
    fc.asyncProperty(cookie, async (text) => {
      const clean = text.replace(/[^\x21-\x7e]|[;"]/g, "");
      const response = await browser.get("/read", { headers: { cookie: `session=${clean}` } });
      assert.deepEqual(response.json(), { user: null });
      assert.deepEqual(store.take(), []);
    }),
    { numRuns: 100 },
  );
});

test("sessions() with a store does not bring back a session that another request has ended", async () => {
  const store = new MemorySessionStore();
  const app = createApp(store);
  const [began, ended] = [new Event(), new Event()];
  app.get("/slow", async () => {
    began.set();
    await ended.wait();
    session().set("user", "late");
    return "x";
  });
  const browser = new Browser(app);
  await browser.get("/set/ada");
  const cookie = `session=${browser.cookies.get("session")}`;
  const slow = browser.get("/slow", { headers: { cookie } });
  await began.wait();
  await browser.get("/clear");
  ended.set();
  const { headers } = await slow;
  assert.equal(headers.has("set-cookie"), false);
  assert.deepEqual((await browser.get("/read", { headers: { cookie } })).json(), { user: null });
  assert.deepEqual(store.statistics(), { sessions: 0 });
});

test("sessions() with a store that fails answers with 500, and reports why", async () => {
  const store = new MemorySessionStore();
  const browser = new Browser(createApp(store));
  await browser.get("/set/ada");
  const reports = await reportsOf(async () => {
    store.replace = () => Promise.reject(new Error("cannot replace"));
    const failed = await browser.get("/set/eve");
    assert.equal(failed.status, 500);
    store.load = () => Promise.reject(new Error("cannot load"));
    assert.equal((await browser.get("/untouched")).status, 500);
  });
  assert.match(String(reports), /cannot replace.*cannot load/);
});

test("session() in a hook that was registered before sessions() with a store is a clear error", async () => {
  const app = new Pottle();
  app.beforeRequest(() => void session().get("user"));
  sessions(app, { secretKey: "secret", store: new MemorySessionStore() });
  app.get("/", () => {
    session().set("a", 1);
    return "x";
  });
  const browser = new Browser(app);
  assert.equal((await browser.get("/")).status, 200);
  const reports = await reportsOf(() => browser.get("/"));
  assert.match(String(reports), /Cannot use session\(\) now as it is loaded from its store before the hooks/);
});

test("sessions() with a store saves once, and sets the same cookie, if another response takes the place of the first", async () => {
  const store = new CountingStore();
  const app = createApp(store);
  app.get("/broken", () => {
    session().set("user", "ada");
    return new Response("x", { headers: { "X-A": "b" } });
  });
  app.afterRequest((response) => void (response.status === 200 && response.headers.set("X-Bad", "a\nb")));
  const browser = new Browser(app);
  const reports = await reportsOf(async () => {
    const { status, headers } = await browser.get("/broken");
    assert.equal(status, 500);
    assert.equal(headers.getAll("set-cookie").length, 1);
  });
  assert.equal(reports.length > 0, true);
  assert.deepEqual(store.take(), ["create"]);
});
