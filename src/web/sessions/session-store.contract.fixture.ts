// What every store of sessions guarantees: call it with a store that is empty.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../asyncio/index.ts";
import { Pottle } from "../app/pottle.ts";
import { Browser } from "./browser.fixture.ts";
import type { SessionStore } from "./session-store.ts";
import { session, sessions } from "./sessions.ts";

/** A store and the time around it. */
export interface TestedStore {
  readonly store: SessionStore;
  /** Lets `ms` milliseconds pass. */
  readonly pass: (ms: number) => Promise<void>;
}

/** Declares the tests of the contract, in which `name` is the store's class. */
export function testSessionStore(name: string, tested: () => TestedStore): void {
  testValues(name, tested);
  testTimes(name, tested);
  testApplication(name, tested);
}

let count = 0;

function newId(): string {
  return `id-${count++}`;
}

function testValues(name: string, tested: () => TestedStore): void {
  test(`${name}.load() gives what was created or replaced, and undefined otherwise`, async () => {
    const { store } = tested();
    const [id, other] = [newId(), newId()];
    assert.equal(await store.load(id), undefined);
    await store.create(id, '{"a":"é 🔑 \\u0000"}', 60_000);
    await store.create(other, "{}", 60_000);
    assert.equal(await store.load(id), '{"a":"é 🔑 \\u0000"}');
    assert.equal(await store.replace(id, '{"b":1}', 60_000), true);
    assert.equal(await store.load(id), '{"b":1}');
    assert.equal(await store.load(other), "{}");
  });

  test(`${name}.replace() and touch() do not bring a deleted session back`, async () => {
    const { store } = tested();
    const id = newId();
    await store.create(id, "{}", 60_000);
    await store.delete(id);
    await store.delete(id);
    assert.equal(await store.load(id), undefined);
    assert.equal(await store.replace(id, "{}", 60_000), false);
    await store.touch(id, 60_000);
    assert.equal(await store.load(id), undefined);
  });

  test(`${name}.replace() by several at the same time leaves the whole text of one`, async () => {
    const { store } = tested();
    const id = newId();
    await store.create(id, "{}", 60_000);
    const texts = Array.from({ length: 20 }, (_, i) => JSON.stringify({ i, x: "x".repeat(i * 100) }));
    await gather(texts.map((text) => () => store.replace(id, text, 60_000)));
    assert.ok(texts.includes((await store.load(id)) ?? ""));
  });

  test(`${name} keeps an id as it is`, async () => {
    const { store } = tested();
    for (const id of ["__proto__", "constructor", "a'; drop table sessions; --", "*", "x".repeat(200)]) {
      assert.equal(await store.load(id), undefined);
      await store.create(id, "{}", 60_000);
      assert.equal(await store.load(id), "{}");
      await store.delete(id);
    }
  });
}

function testTimes(name: string, tested: () => TestedStore): void {
  test(`${name} ends a session after its lifetime, which replace() and touch() begin anew`, async () => {
    const { store, pass } = tested();
    const [created, touched, replaced, kept] = [newId(), newId(), newId(), newId()];
    await store.create(created, "{}", 1);
    for (const id of [touched, replaced, kept]) await store.create(id, "{}", 60_000);
    await store.touch(touched, 1);
    await store.replace(replaced, "{}", 1);
    await store.touch(kept, 120_000);
    await pass(20);
    for (const id of [created, touched, replaced]) {
      assert.equal(await store.load(id), undefined);
      assert.equal(await store.replace(id, "{}", 60_000), false);
      await store.touch(id, 60_000);
      assert.equal(await store.load(id), undefined);
    }
    assert.equal(await store.load(kept), "{}");
  });
}

function createApp(store: SessionStore): Pottle {
  const app = new Pottle();
  sessions(app, { secretKey: "secret", store });
  app.get("/read", () => ({ user: session().get("user") ?? null }));
  app.get("/login/<user>", ({ user }) => {
    session().set("user", user).regenerate();
    return "x";
  });
  app.get("/set/<user>", ({ user }) => {
    session().set("user", user);
    return "x";
  });
  app.get("/logout", () => {
    session().clear();
    return "x";
  });
  return app;
}

function testApplication(name: string, tested: () => TestedStore): void {
  test(`sessions() with a ${name} keeps values on the server, and gives a new id at login`, async () => {
    const browser = new Browser(createApp(tested().store));
    await browser.get("/set/ada");
    const before = browser.cookies.get("session")!;
    assert.deepEqual((await browser.get("/read")).json(), { user: "ada" });
    assert.equal((await browser.get("/set/eve")).headers.has("set-cookie"), false);
    assert.deepEqual((await browser.get("/read")).json(), { user: "eve" });
    await browser.get("/login/bob");
    assert.notEqual(browser.cookies.get("session"), before);
    assert.deepEqual((await browser.get("/read")).json(), { user: "bob" });
    assert.deepEqual((await browser.get("/read", { headers: { cookie: `session=${before}` } })).json(), { user: null });
  });

  test(`sessions() with a ${name} ends a session for every copy of its cookie`, async () => {
    const browser = new Browser(createApp(tested().store));
    await browser.get("/login/ada");
    const cookie = `session=${browser.cookies.get("session")}`;
    await browser.get("/logout");
    assert.equal(browser.cookies.has("session"), false);
    assert.deepEqual((await browser.get("/read", { headers: { cookie } })).json(), { user: null });
    // Its id is not taken over.
    const { headers } = await browser.get("/set/eve", { headers: { cookie } });
    assert.ok(headers.has("set-cookie"));
    assert.deepEqual((await browser.get("/read", { headers: { cookie } })).json(), { user: null });
  });
}
