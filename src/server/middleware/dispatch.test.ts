import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, Lifespan } from "../../http/index.ts";
import { ask, mirror } from "./ask.fixture.ts";
import { dispatchByHost } from "./dispatch-by-host.ts";
import { dispatchByPrefix } from "./dispatch-by-prefix.ts";

interface Seen {
  readonly name: string;
  readonly target: string;
  readonly basePath?: string;
}

async function see(application: Application, target: string, host?: string): Promise<Seen | number> {
  const { status, body } = await ask(application, { target, rawHeaders: host === undefined ? [] : ["Host", host] });
  return status === 200 ? (JSON.parse(body) as Seen) : status;
}

const site = dispatchByPrefix({ "/": mirror("site"), "/api": mirror("api"), "/api/v2": mirror("v2") });

for (const [target, name, rest, basePath] of [
  ["/", "site", "/", undefined],
  ["/api", "api", "/", "/api"],
  ["/api/", "api", "/", "/api"],
  ["/api?x=1", "api", "/?x=1", "/api"],
  ["/api/users/7?x=/api", "api", "/users/7?x=/api", "/api"],
  ["/api/v2/users", "v2", "/users", "/api/v2"],
  ["/api/v22", "api", "/v22", "/api"],
  ["/apix", "site", "/apix", undefined],
  ["/%61pi/a%20b", "api", "/a%20b", "/api"],
  ["/api%2Fusers", "site", "/api%2Fusers", undefined],
  ["//api", "site", "//api", undefined],
  ["/api//x", "api", "//x", "/api"],
  ["/%zz/api", "site", "/%zz/api", undefined],
  ["/API", "site", "/API", undefined],
  ["http://example.com/api/x", "api", "/x", "/api"],
  ["*", "site", "*", undefined],
] as const) {
  test(`dispatchByPrefix() hands ${target} to ${name}`, async () => {
    const seen = (await see(site, target)) as Seen;
    assert.deepEqual([seen.name, seen.target, seen.basePath], [name, rest, basePath]);
  });
}

test("dispatchByPrefix() within dispatchByPrefix() adds up the prefixes", async () => {
  const inner = dispatchByPrefix({ "/b": mirror() });
  const seen = (await see(dispatchByPrefix({ "/a": inner }), "/a/b/c")) as Seen;
  assert.deepEqual([seen.target, seen.basePath], ["/c", "/a/b"]);
  assert.equal(await see(dispatchByPrefix({ "/a": inner }), "/a/c"), 404);
});

test("dispatchByPrefix() matches a prefix that is not ASCII, however the client wrote it", async () => {
  const application = dispatchByPrefix({ "/straße": mirror() });
  assert.equal(((await see(application, "/stra%C3%9Fe/1")) as Seen).target, "/1");
  assert.equal(((await see(application, Buffer.from("/straße/1").toString("latin1"))) as Seen).target, "/1");
});

for (const [host, name] of [
  ["api.example.com", "api"],
  ["API.Example.COM:8000", "api"],
  ["api.example.com.", "api"],
  ["a.b.example.com", "wild"],
  ["example.com", "any"],
  ["[::1]:80", "six"],
  ["evil.com", "any"],
  [undefined, "any"],
] as const) {
  test(`dispatchByHost() hands ${host ?? "a request without a host"} to ${name}`, async () => {
    const application = dispatchByHost({
      "*": mirror("any"),
      "*.example.com": mirror("wild"),
      "Api.example.com": mirror("api"),
      "[::1]": mirror("six"),
    });
    assert.equal(((await see(application, "/", host)) as Seen).name, name);
  });
}

test("dispatchByHost() answers 421 for a host that none is there for", async () => {
  assert.equal(await see(dispatchByHost({ "example.com": mirror() }), "/", "other.com"), 421);
  assert.equal(await see(dispatchByHost({ "example.com": mirror() }), "/"), 421);
});

for (const [name, join] of [
  ["dispatchByPrefix", (all: Application[]) => dispatchByPrefix({ "/a": all[0]!, "/b": all[1]!, "/c": all[0]! })],
  ["dispatchByHost", (all: Application[]) => dispatchByHost({ a: all[0]!, b: all[1]!, c: all[0]! })],
] as const) {
  test(`${name}() joins the lifespans: each starts once, and they stop in reverse`, async () => {
    const events: string[] = [];
    const { lifespan } = join([withLifespan("one", events), withLifespan("two", events)]);
    await lifespan!.start();
    await lifespan!.stop();
    assert.deepEqual(events, ["one starts", "two starts", "two stops", "one stops"]);
  });

  test(`${name}() stops what was started where a lifespan fails to start`, async () => {
    const events: string[] = [];
    const broken = withLifespan("two", events);
    broken.lifespan!.onStart(() => {
      throw new RangeError("no database");
    });
    const { lifespan } = join([withLifespan("one", events), broken]);
    await assert.rejects(lifespan!.start(), RangeError);
    assert.deepEqual(events, ["one starts", "two starts", "two stops", "one stops"]);
  });
}

function withLifespan(name: string, events: string[]): Application {
  const lifespan = new Lifespan();
  lifespan.onStart(() => void events.push(`${name} starts`));
  lifespan.onStop(() => void events.push(`${name} stops`));
  return { ...mirror(name), lifespan };
}

for (const [prefix, rule] of [
  ["api", /must begin with '\/', and have no empty segment: current value is "api"/],
  ["/api/", /have no empty segment/],
  ["//", /have no empty segment/],
  ["", /must begin with '\/'/],
] as const) {
  test(`dispatchByPrefix() refuses the prefix '${prefix}'`, () => {
    assert.throws(() => dispatchByPrefix({ [prefix]: mirror() }), { name: "RangeError", message: rule });
  });
}

for (const host of ["example.com:80", "a b", "", "https://example.com", "ex*.com", "*.*"]) {
  test(`dispatchByHost() refuses the host '${host}'`, () => {
    assert.throws(() => dispatchByHost({ [host]: mirror() }), { name: "RangeError", message: /without a port/ });
  });
}

test("dispatchByPrefix() and dispatchByHost() refuse what is not an application, and none at all", () => {
  for (const dispatch of [dispatchByPrefix, dispatchByHost]) {
    assert.throws(() => dispatch({ "/": 5 as never }), { name: "TypeError", message: /must be an application/ });
    assert.throws(() => dispatch({}), { name: "RangeError", message: /there must be an application/ });
  }
});
