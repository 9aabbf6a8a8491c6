import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { inspect } from "node:util";
import { type } from "arktype";
import fc from "fast-check";
import * as v from "valibot";
import { z } from "zod";
import { Pottle } from "../index.ts";
import { ConfigError } from "./config-error.ts";
import { Config } from "./config.ts";
import { parseValue } from "./parse-value.ts";
import { readVariables } from "./read-variables.ts";

/** A folder with these files, until the test is over. */
function folderWith(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-config-"));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function withVariables(context: TestContext, variables: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(variables)) {
    process.env[name] = text;
    context.after(() => delete process.env[name]);
  }
}

test("Config.fromPrefixedEnv() parses JSON, leads into tables by two underscores, and keeps other texts", (context) => {
  withVariables(context, {
    SHOP_A: "5",
    SHOP_B: "true",
    SHOP_C: '["x"]',
    SHOP_D: "plain text",
    SHOP_E__F__G: "1",
    SHOP_E__H: "2",
    SHOP_: "nameless",
    SHOPPING: "no",
    SHOP_ID: "12345678901234567890",
  });
  const config = new Config("/").fromPrefixedEnv("SHOP");
  assert.deepEqual(config.keys(), ["A", "B", "C", "D", "E", "ID"]);
  assert.deepEqual(config.getNamespace(""), {
    a: 5,
    b: true,
    c: ["x"],
    d: "plain text",
    e: { F: { G: 1 }, H: 2 },
    id: "12345678901234567890",
  });
});

test("Config.fromPrefixedEnv() takes another parser, and the text where it throws", (context) => {
  withVariables(context, { SHOP_A: "5", SHOP_B: "x" });
  const loads = (text: string): number => {
    if (text === "x") throw new Error("no");
    return Number(text) * 2;
  };
  const config = new Config("/").fromPrefixedEnv("SHOP", { loads });
  assert.deepEqual([config.get("A"), config.get("B")], [10, "x"]);
});

test("Config.fromPrefixedEnv() adds to a table that is there, and refuses a name that leads into a value", (context) => {
  withVariables(context, { SHOP_MAIL__PORT: "25", SHOP_PORT__X: "1" });
  const config = new Config("/").fromMapping({ MAIL: { HOST: "h" } });
  assert.equal(config.fromPrefixedEnv("SHOP").get("MAIL") !== undefined, true);
  assert.deepEqual(config.get("MAIL"), { HOST: "h", PORT: 25 });
  assert.throws(
    () => new Config("/").fromMapping({ PORT: 5 }).fromPrefixedEnv("SHOP"),
    /SHOP_PORT__X as 'PORT' is set/,
  );
  assert.throws(() => new Config("/").fromPrefixedEnv(""), ConfigError);
});

test("Config keeps __proto__ and constructor as names, from every source", (context) => {
  withVariables(context, { SHOP___proto____polluted: "1", SHOP_constructor__prototype__polluted: "1" });
  const json = '{"__proto__": {"polluted": 1}, "A": {"__proto__": {"polluted": 1}}}';
  const folder = folderWith(context, { "a.json": json, "b.toml": '["__proto__"]\npolluted = 1\n' });
  const config = new Config(folder).fromPrefixedEnv("SHOP");
  config.fromFile("a.json");
  config.fromFile("b.toml");
  config.parse(z.looseObject({}));
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  assert.deepEqual(Object.keys(config.get("__proto__") as object), ["polluted"]);
  assert.equal(config.get("toString"), undefined);
});

test("readVariables() takes any names and texts without harm", () => {
  const name = fc.oneof(fc.string(), fc.constantFrom("P_A", "P___proto__", "P_A__", "P___", "P_constructor__x"));
  fc.assert(
    fc.property(fc.dictionary(name, fc.oneof(fc.string(), fc.json())), (variables) => {
      const table = {};
      try {
        readVariables(table, variables, "P_", parseValue);
      } catch (error) {
        assert(error instanceof ConfigError);
      }
      assert.equal(Object.getPrototypeOf(table), Object.prototype);
      assert.equal(Object.keys(Object.prototype).length, 0);
    }),
  );
});

test("Config.fromFile() reads TOML and JSON, all their names, and other files by a function", (context) => {
  const folder = folderWith(context, {
    "a.toml": 'TITLE = "x"\n[database]\nport = 5\n',
    "b.json": '{"B": [1]}',
    "c.txt": "C=1",
  });
  const config = new Config(folder);
  assert.equal(config.fromFile("a.toml"), true);
  config.fromFile("b.json");
  config.fromFile("c.txt", { load: (text): unknown => Object.fromEntries([text.split("=")]) });
  assert.deepEqual(config.getNamespace(""), { title: "x", database: { port: 5 }, b: [1], c: "1" });
  assert.equal(config.fromFile("missing.toml", { silent: true }), false);
});

test("Config.fromFile() says what is wrong with a file, and shows nothing of it", (context) => {
  const folder = folderWith(context, {
    "a.toml": 'A = 1\nPASSWORD = "hunter2\n',
    "b.json": '{"PASSWORD": hunter2}',
    "c.json": "[1]",
    "d.yaml": "",
  });
  const config = new Config(folder);
  for (const [name, message] of [
    ["a.toml", /a\.toml', line \d, as its text is not valid$/],
    ["b.json", /b\.json'.* as its text is not valid$/],
    ["c.json", /holds no names with values$/],
    ["d.yaml", /only \.toml and \.json are known/],
    ["missing.json", /there is no such file$/],
  ] as const) {
    assert.throws(
      () => config.fromFile(name),
      (error: Error) => {
        assert(error instanceof ConfigError);
        assert.match(error.message, message);
        assert(!inspect(error).includes("hunter2"));
        return true;
      },
    );
  }
});

test("Config.fromEnvvar() reads the file that a variable names", (context) => {
  const folder = folderWith(context, { "a.json": '{"A": 1}' });
  withVariables(context, { SHOP_SETTINGS: join(folder, "a.json") });
  const config = new Config("/");
  assert.equal(config.fromEnvvar("SHOP_SETTINGS"), true);
  assert.equal(config.get("A"), 1);
  assert.equal(config.fromEnvvar("SHOP_NOTHING", { silent: true }), false);
  assert.throws(() => config.fromEnvvar("SHOP_NOTHING"), /SHOP_NOTHING, which names its file, is not set/);
});

test("Config.fromEnvFile() reads variables of a file, and leaves the environment alone", (context) => {
  const folder = folderWith(context, { ".env": '# note\nSHOP_A=5\nSHOP_B__C="x y"\nOTHER=1\n' });
  const config = new Config(folder);
  assert.equal(config.fromEnvFile(".env", { prefix: "SHOP" }), true);
  assert.deepEqual(config.getNamespace(""), { a: 5, b: { C: "x y" } });
  assert.equal(process.env["SHOP_A"], undefined);
  assert.equal(new Config(folder).fromEnvFile("other.env", { silent: true }), false);
  assert.throws(() => new Config("/nowhere").fromEnvFile(), ConfigError);
});

test("Config.fromObject() takes names in upper case only, of functions and classes too", () => {
  const settings = Object.assign(() => undefined, { PAGE_SIZE: 20, helper: 1, _: 1 });
  assert.deepEqual(new Config("/").fromObject(settings).keys(), ["PAGE_SIZE"]);
  assert.throws(() => new Config("/").fromObject(null as never), TypeError);
});

test("Config.fromMapping() copies, so that a change elsewhere does not reach it", () => {
  const source = { A: { B: [1] } };
  const config = new Config("/").fromMapping(source);
  source.A.B.push(2);
  assert.deepEqual(config.get("A"), { B: [1] });
  assert.throws(() => config.fromMapping(new Map() as never), TypeError);
});

test("Config.parse() gives typed, frozen values by zod, valibot and arktype", () => {
  const config = new Config("/").fromMapping({ A: 1, B: { C: ["x"] } });
  const values = config.parse(
    z.object({ A: z.number(), B: z.object({ C: z.array(z.string()) }), D: z.string().default("d") }),
  );
  assert.deepEqual(values, { A: 1, B: { C: ["x"] }, D: "d" });
  assert.throws(() => values.B.C.push("y"), TypeError);
  config.fromMapping({ B: { C: ["z"] } });
  assert.deepEqual(values.B.C, ["x"]);
  assert.equal(config.parse(v.object({ A: v.number() })).A, 1);
  assert.equal(config.parse(type({ A: "number" })).A, 1);
});

test("Config.parse() names all that is wrong, and shows no value of a secret", () => {
  const config = new Config("/").fromMapping({ PAGE_SIZE: 500, SECRET_KEY: "hunter2", MAIL: { PASSWORD: "hunter2" } });
  const text = v.pipe(v.string(), v.minLength(100));
  const schema = v.object({
    PAGE_SIZE: v.pipe(v.number(), v.maxValue(100)),
    SECRET_KEY: text,
    MAIL: v.object({ PASSWORD: v.number(), HOST: v.string() }),
  });
  assert.throws(
    () => config.parse(schema),
    (error: Error) => {
      assert(error instanceof ConfigError);
      assert.match(error.message, /^Cannot use the configuration:\n {2}PAGE_SIZE: .*500/);
      assert.match(error.message, /SECRET_KEY: it is not valid; its value is not shown/);
      assert.match(error.message, /MAIL\.HOST: it is missing/);
      assert(!inspect(error).includes("hunter2"));
      return true;
    },
  );
  assert.throws(() => config.parse(z.object({}).refine(async () => true)), ConfigError);
  assert.throws(() => config.parse({} as never), TypeError);
});

test("Config shows its names, and no values, to console.log and JSON.stringify", () => {
  const config = new Config("/").fromMapping({ SECRET_KEY: "hunter2" });
  assert.equal(inspect({ config }), "{ config: Config { SECRET_KEY } }");
  assert.equal(JSON.stringify(config), '["SECRET_KEY"]');
  assert.equal(inspect(new Config("/")), "Config {}");
});

test("app.config begins at the application's folder, and app.instancePath lies in it", (context) => {
  const folder = folderWith(context, { "a.json": '{"A": 1}' });
  const app = new Pottle({ dirname: folder });
  app.config.fromFile("a.json");
  assert.equal(app.config.get("A"), 1);
  assert.equal(app.instancePath, join(folder, "instance"));
  assert.equal(new Pottle({ dirname: folder }, { instanceFolder: "/srv/shop" }).instancePath, "/srv/shop");
});

test("app.openResource() opens files of the application's folder, and no others", async (context) => {
  const folder = folderWith(context, { "a.txt": "hello" });
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "sub", "..b.txt"), "b");
  symlinkSync("/etc/hostname", join(folder, "link"));
  const app = new Pottle({ dirname: folder });
  for (const [name, text] of [
    ["a.txt", "hello"],
    ["sub/..b.txt", "b"],
  ] as const) {
    await using file = await app.openResource(name);
    assert.equal(await file.readFile("utf8"), text);
  }
  for (const name of ["../x", "sub/../../x", "/etc/hostname", "link", "", "a\0b"]) {
    await assert.rejects(app.openResource(name), RangeError, name);
  }
  await assert.rejects(app.openResource("missing.txt"), { code: "ENOENT" });
});
