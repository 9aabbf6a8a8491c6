import assert from "node:assert/strict";
import { test } from "node:test";
import { Blueprint, type PathConverter, Pottle } from "../index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the two types are the same. */
function same<A, B>(answer: Equal<A, B>): void {
  assert.equal(answer, true);
}

const day: PathConverter<Date> = {
  pattern: /\d{4}-\d\d-\d\d/,
  parse(text) {
    const date = new Date(`${text}T00:00:00Z`);
    return Number.isNaN(date.getTime()) ? undefined : date;
  },
  build: (date) => date.toISOString().slice(0, 10),
};

test("Pottle with converters of its own gives their values to views, and builds URLs of them", async () => {
  const app = new Pottle(undefined, {
    converters: {
      day,
      hex: {
        pattern: /[0-9a-f]+/i,
        parse: (text: string) => Number.parseInt(text, 16),
        build: (value) => value.toString(16),
      },
    },
  });
  app.get("/<day:date>/<hex:n>/<int:m>", { name: "all" }, ({ date, n, m }) => {
    same<typeof date, Date>(true);
    same<typeof n, number>(true);
    same<typeof m, number>(true);
    return { day: date.getUTCDate(), n, m };
  });
  // @ts-expect-error -- there is no such converter
  assert.throws(() => app.get("/<dy:date>", () => ""), {
    name: "PathSyntaxError",
    message: /must be one of string, int, float, path, uuid, any, day, hex/,
  });
  // @ts-expect-error -- it has no arguments
  assert.throws(() => app.get("/<day(1):date>", () => ""), {
    name: "PathSyntaxError",
    message: /has no argument '1'/,
  });
  const client = app.testClient();
  assert.deepEqual((await client.get("/2024-02-28/fF/1")).json(), { day: 28, n: 255, m: 1 });
  assert.equal((await client.get("/2024-02-28/xx/1")).status, 404);
  assert.equal((await client.get("/2024-99-99/1/1")).status, 404);
  assert.equal(app.urlFor("all", { date: new Date(0), n: 255, m: 2 }), "/1970-01-01/ff/2");
});

test("Blueprint has converters of its own, which do not meet those of another", async () => {
  const app = new Pottle();
  for (const base of [2, 16]) {
    const blueprint = new Blueprint(`base${base}`, {
      prefix: "/<number:n>",
      converters: {
        number: {
          pattern: "[0-9a-f]+",
          parse: (text: string) => toNumber(text, base),
          build: (value) => value.toString(base),
        },
      },
    });
    blueprint.get("/", { name: "show" }, ({ n }) => ({ base, n: n + 1 }));
    app.register(blueprint);
  }
  const client = app.testClient();
  assert.deepEqual((await client.get("/101/")).json(), { base: 2, n: 6 });
  assert.deepEqual((await client.get("/ff/")).json(), { base: 16, n: 256 });
  assert.equal(app.urlFor("base16.show", { n: 255 }), "/ff/");
});

/** A number in a base; `undefined` if a digit is not one. */
function toNumber(text: string, base: number): number | undefined {
  const value = Number.parseInt(text, base);
  return value.toString(base) === text ? value : undefined;
}

test("Pottle tries lighter converters first", async () => {
  const converter = (weight: number): PathConverter<number> => ({
    pattern: ".+",
    weight,
    parse: () => weight,
    build: String,
  });
  const app = new Pottle(undefined, { converters: { light: converter(10), heavy: converter(300) } });
  app.get("/<heavy:x>", ({ x }) => ({ x }));
  app.get("/<x>", ({ x }) => ({ x }));
  assert.deepEqual((await app.testClient().get("/1")).json(), { x: "1" });
  const other = new Pottle(undefined, { converters: { light: converter(10) } });
  other.get("/<int:x>", ({ x }) => ({ x }));
  other.get("/<light:x>", ({ x }) => ({ x }));
  assert.deepEqual((await other.testClient().get("/1")).json(), { x: 10 });
});

test("Pottle answers an error of a converter with 500 and its error handlers", async () => {
  const broken: PathConverter<string> = {
    pattern: ".+",
    parse() {
      throw new RangeError("broken");
    },
    build: String,
  };
  const app = new Pottle(undefined, { converters: { broken } });
  app.get("/<broken:x>", () => "");
  app.errorHandler(RangeError, (error) => error.message);
  const response = await app.testClient().get("/x");
  assert.deepEqual([response.status, response.text()], [500, "broken"]);
});

test("Pottle refuses converters that are none", () => {
  const parse = (text: string): string => text;
  const refused: [converters: object, name: string, message: RegExp][] = [
    [{ "a b": { pattern: "x", parse, build: parse } }, "RangeError", /its name must be an identifier/],
    [{ int: { pattern: "x", parse, build: parse } }, "RangeError", /not that of a built-in converter/],
    [{ x: { pattern: "(x)", parse, build: parse } }, "SyntaxError", /must not have capturing groups/],
    [{ x: { pattern: "(", parse, build: parse } }, "SyntaxError", /./],
    [{ x: { pattern: 1, parse, build: parse } }, "TypeError", /'pattern' must be a regular expression/],
    [{ x: { pattern: "x", build: parse } }, "TypeError", /'parse' must be a function/],
    [{ x: { pattern: "x", parse } }, "TypeError", /'build' must be a function/],
    [{ x: { pattern: "x", parse, build: parse, weight: "1" } }, "TypeError", /'weight' must be a number/],
    [{ x: null }, "TypeError", /must be an object/],
  ];
  for (const [converters, name, message] of refused) {
    assert.throws(() => new Pottle(undefined, { converters }), { name, message });
  }
  assert.throws(() => new Pottle(undefined, { converters: null as never }), { name: "TypeError" });
});

test("Pottle with converters is an application as any other", async () => {
  const inner = new Pottle(undefined, { converters: { day } });
  const blueprint = new Blueprint("b", { prefix: "/<day:date>", converters: { day }, subdomain: "<t>" });
  blueprint.get("/", ({ date, t }) => ({ year: date.getUTCFullYear(), t }));
  const outer = new Blueprint("outer");
  outer.register(blueprint);
  const app = new Pottle(undefined, { serverName: "a.org" });
  const takes = (any: Pottle): Pottle => any;
  app.register(outer);
  app.mount("/m", takes(inner));
  const response = await app.testClient().get("/2024-01-01/", { headers: { Host: "x.a.org" } });
  assert.deepEqual(response.json(), { year: 2024, t: "x" });
});
