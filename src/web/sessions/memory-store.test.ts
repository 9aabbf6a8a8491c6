import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { MemorySessionStore } from "./memory-store.ts";
import { testSessionStore } from "./session-store.contract.fixture.ts";

describe("MemorySessionStore", () => {
  let store: MemorySessionStore;
  beforeEach(() => {
    mock.timers.reset();
    mock.timers.enable({ apis: ["Date", "setTimeout"] });
    store = new MemorySessionStore({ maxSessions: 10 });
  });

  testSessionStore("MemorySessionStore", () => ({ store, pass: async (ms) => mock.timers.tick(ms) }));

  test("MemorySessionStore drops the session that was not written for longest when it is full", async () => {
    for (let i = 0; i < 10; i++) await store.create(`${i}`, "{}", 1_000);
    await store.touch("0", 1_000);
    await store.create("10", "{}", 1_000);
    assert.equal(store.statistics().sessions, 10);
    assert.equal(await store.load("1"), undefined);
    assert.equal(await store.load("0"), "{}");
  });

  test("MemorySessionStore removes what is over by itself", async () => {
    await store.create("short", "{}", 1_000);
    await store.create("long", "{}", 10_000);
    mock.timers.tick(1_000);
    assert.deepEqual(store.statistics(), { sessions: 1 });
    await store.touch("long", 60_000);
    mock.timers.tick(10_000);
    assert.deepEqual(store.statistics(), { sessions: 1 });
    mock.timers.tick(60_000);
    assert.deepEqual(store.statistics(), { sessions: 0 });
    await store.create("next", "{}", 1_000);
    mock.timers.tick(1_000);
    assert.deepEqual(store.statistics(), { sessions: 0 });
  });

  test("MemorySessionStore does not load a session that is over but not removed yet", async () => {
    await store.create("long", "{}", 60_000);
    await store.create("short", "{}", 1_000);
    mock.timers.tick(1_000);
    assert.deepEqual(store.statistics(), { sessions: 2 });
    assert.equal(await store.load("short"), undefined);
    assert.equal(await store.replace("short", "{}", 1_000), false);
  });

  test("MemorySessionStore refuses a size that is not a count", () => {
    assert.throws(() => new MemorySessionStore({ maxSessions: 0 }), RangeError);
    assert.throws(() => new MemorySessionStore({ maxSessions: "1" as never }), TypeError);
  });
});
