import assert from "node:assert/strict";
import { test } from "node:test";
import { importsOf } from "./_imports.ts";
import { checkRooms, type Exception, type ImportGraph, ROOM_LIMIT, roomTable } from "./_rooms.ts";

function graphOf(contents: Record<string, string>): ImportGraph {
  return new Map(Object.entries(contents).map(([file, source]) => [file, importsOf(source)]));
}

function reasons(contents: Record<string, string>, exceptions: readonly Exception[] = []): string[] {
  return checkRooms(graphOf(contents), exceptions).map(({ file, line, reason }) => `${file}:${line}: ${reason}`);
}

const core = { "src/asyncio/core/index.ts": 'export { a } from "./a.ts";', "src/asyncio/core/a.ts": "" };

test("checkRooms() accepts what is built on core's face, open doors, tests that look anywhere, and the floor's face", () => {
  const found = reasons({
    ...core,
    "src/asyncio/index.ts": 'export { l } from "./sync/lock.ts";\nexport { a } from "./core/a.ts";',
    "src/asyncio/sync/lock.ts": 'import { a } from "../core/index.ts";\nimport type { H } from "../../base/heap.ts";',
    "src/asyncio/sync/lock.test.ts": 'import { a } from "../core/a.ts";\nimport { r } from "../combine/race.ts";',
    "src/asyncio/combine/race.ts": "",
    "src/asyncio/streams/index.ts": "",
    "src/asyncio/subprocess/process.ts": 'import { reader } from "../streams/index.ts";',
    "src/asyncio/debug/index.ts": "",
    "src/asyncio/run/runner.ts": 'const debug = () => import("../debug/index.ts");',
    "src/base/heap.ts": "",
  });
  assert.deepEqual(found, []);
});

const walls: [string, string, string, RegExp][] = [
  ["an import of a sibling", "sync/b.ts", 'import "../combine/race.ts";', /b\.ts:1: .*sync may not import .*race/],
  [
    "a type of a sibling",
    "sync/b.ts",
    '\nimport type { R } from "../combine/race.ts";',
    /b\.ts:2: .*core\/index\.ts only/,
  ],
  ["a sibling's index", "sync/b.ts", 'import "../combine/index.ts";', /core\/index\.ts only/],
  ["a file behind core's face", "sync/b.ts", 'import "../core/a.ts";', /core\/index\.ts only/],
  ["a sibling imported later", "sync/b.ts", 'const r = () => import("../combine/race.ts");', /core\/index\.ts only/],
  ["another file behind an open door", "run/b.ts", 'import "../debug/report.ts";', /core\/index\.ts only/],
  ["core that knows a sibling", "core/b.ts", 'import type { L } from "../sync/lock.ts";', /core knows no other room/],
  ["core that imports its own index", "core/b.ts", 'import "./index.ts";', /not their own index/],
];
for (const [title, file, source, expected] of walls) {
  test(`checkRooms() reports ${title}`, () => {
    const found = reasons({ ...core, [`src/asyncio/${file}`]: source });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", expected);
  });
}

const ladder: readonly (readonly [title: string, file: string, source: string, expected: RegExp | undefined])[] = [
  ["a lower room", "web/app/a.ts", 'import "../message/b.ts";\nimport "./c.ts";', undefined],
  ["any room from the index", "web/index.ts", 'export { a } from "./app/a.ts";', undefined],
  ["a higher room", "web/message/a.ts", 'import type { B } from "../app/b.ts";', /lower ones only: message may not/],
  ["a room of the same height", "web/files/a.ts", 'import "../failure/b.ts";', /lower ones only: files may not/],
  ["the floor's own folder", "web/errors/a.ts", 'import "../a.ts";', /lower ones only: errors may not/],
  ["a room from one that is not known", "web/new/a.ts", 'import "../errors/b.ts";', /"new" is not a known room of web/],
  ["another floor", "web/errors/a.ts", 'import "../../http/a.ts";', undefined],
  ["a room of a floor without a ladder", "data/redis/a.ts", 'import "../postgres/b.ts";', undefined],
];
for (const [title, file, source, expected] of ladder) {
  test(`checkRooms() ${expected === undefined ? "allows" : "reports"} an import of ${title}`, () => {
    const found = reasons({ [`src/${file}`]: source });
    if (expected === undefined) assert.deepEqual(found, []);
    else assert.match(found.join(), expected);
  });
}

test("checkRooms() counts the source files of a folder, without tests and without the folders in it", () => {
  const names: [string, string][] = Array.from({ length: ROOM_LIMIT }, (_, index) => [`src/web/f${index}.ts`, ""]);
  const full: Record<string, string> = {
    ...Object.fromEntries(names),
    "src/web/f0.test.ts": "",
    "src/web/x.fixture.ts": "",
    "src/web/a/b.ts": "",
  };
  assert.deepEqual(reasons(full), []);
  const found = reasons({ ...full, "src/web/one-more.ts": "" });
  assert.deepEqual(found, ["src/web:1: a folder holds at most 25 source files, and this one 26: cut it into rooms"]);
});

const triangle = {
  "src/web/a.ts": '\nimport type { B } from "./b.ts";',
  "src/web/b.ts": 'import { c } from "./c.ts";',
  "src/web/c.ts": 'export type { A } from "./a.ts";',
  "src/web/d.ts": 'import { a } from "./a.ts";\nexport const d = () => import("./e.ts");',
  "src/web/e.ts": 'import { d } from "./d.ts";',
};

test("checkRooms() reports a circle once, counts type imports, and passes over import()", () => {
  const found = reasons(triangle);
  assert.deepEqual(found, ["src/web/a.ts:2: imports and type imports form a circle: web/a.ts, web/b.ts, web/c.ts"]);
});

test("checkRooms() lets files of core know each other, but no other file in their circle", () => {
  const inside = {
    "src/asyncio/core/b.ts": 'import type { C } from "./c.ts";',
    "src/asyncio/core/c.ts": 'import "./b.ts";',
  };
  assert.deepEqual(reasons(inside), []);
  const outside = {
    "src/asyncio/core/b.ts": 'import "../../base/c.ts";',
    "src/base/c.ts": 'import type { B } from "../asyncio/core/b.ts";',
  };
  assert.match(reasons(outside).join(), /circle: asyncio\/core\/b\.ts, base\/c\.ts/);
});

test("checkRooms() accepts a listed exception, and reports a circle that grew beyond it", () => {
  const listed = ["src/web/a.ts", "src/web/b.ts", "src/web/c.ts"];
  const exception: Exception = { rule: "circle", files: listed, reason: "known" };
  assert.deepEqual(reasons(triangle, [exception]), []);
  const grown = {
    ...triangle,
    "src/web/c.ts": 'import "./a.ts";\nimport "./f.ts";',
    "src/web/f.ts": 'import "./b.ts";',
  };
  assert.match(reasons(grown, [exception]).join(), /circle: .*web\/f\.ts/);
});

test("checkRooms() reports an exception that nothing needs any more", () => {
  const files = ["src/asyncio/sync/b.ts", "src/asyncio/combine/race.ts"];
  const found = reasons(core, [{ rule: "wall", files, reason: "known" }]);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /rule "wall" for .*b\.ts → .*race\.ts is no longer needed/);
});

test("roomTable() counts files and imports of each room, and names the rooms that it knows", () => {
  const table = roomTable(
    graphOf({
      ...core,
      "src/asyncio/sync/lock.ts": 'import { a } from "../core/index.ts";\nimport type { b } from "../core/index.ts";',
      "src/asyncio/sync/lock.test.ts": 'import "../combine/race.ts";',
      "src/asyncio/sync/event.ts": 'import "./lock.ts";\nimport "node:util";\nimport { x } from "../../base/x.ts";',
      "src/base/x.ts": "",
    }),
  );
  assert.deepEqual(table.split("\n").slice(2), [
    "| asyncio/core | 2 | 0 | 2 | – |",
    "| asyncio/sync | 2 | 3 | 0 | asyncio/core, base |",
    "| base | 1 | 0 | 1 | – |",
  ]);
});
