import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { Blueprint, CommandError, Pottle } from "../index.ts";
import type { CommandSettings } from "./command.ts";

/** What is printed while a test runs. */
function capture(context: TestContext): string[] {
  const lines: string[] = [];
  context.mock.method(console, "log", (text: string) => void lines.push(text));
  context.mock.method(console, "error", (text: string) => void lines.push(text));
  return lines;
}

test("app.runCommand() gives options and arguments to the command, and its exit code", async (context) => {
  const lines = capture(context);
  const app = new Pottle();
  const settings = {
    options: {
      drop: { type: "boolean", short: "d" },
      size: { type: "number", default: 5 },
      title: { type: "string", required: true },
      note: { type: "string" },
    },
    arguments: ["file", "others..."],
  } as const;
  app.cli.command("c", settings, ({ drop, size, title, note }, args) => {
    const typed: [boolean, number, string, string | undefined] = [drop, size, title, note];
    lines.push(JSON.stringify([...typed, args]));
    return 4;
  });
  assert.equal(await app.runCommand(["c", "-d", "--title", "x", "a", "--size=-7", "b"]), 4);
  assert.equal(await app.runCommand(["c", "a"]), 2);
  assert.deepEqual(lines, [
    '[true,-7,"x",null,["a","b"]]',
    "pottle c: the option --title is missing\nTry 'pottle c --help'.",
  ]);
});

test("Blueprint.cli is a group by the blueprint's name, at any depth, and what it gets later is in it", async (context) => {
  const lines = capture(context);
  const app = new Pottle();
  const [outer, inner] = [new Blueprint("outer"), new Blueprint("inner thing")];
  outer.register(inner);
  app.register(outer);
  inner.cli.command("c", () => void lines.push("inner"));
  assert.equal(await app.runCommand(["outer", "inner thing", "c"]), 0);
  assert.deepEqual(lines, ["inner"]);
});

test("app.cli.command() of a blueprint's name goes before the blueprint", async (context) => {
  const lines = capture(context);
  const app = new Pottle();
  app.cli.command("users", () => void lines.push("own"));
  app.register(new Blueprint("users"));
  assert.equal(await app.runCommand(["users"]), 0);
  assert.deepEqual(lines, ["own"]);
});

test("app.cli.group() has commands of its own, and its help lists them", async (context) => {
  const lines = capture(context);
  const app = new Pottle();
  const db = app.cli.group("db");
  db.command("init", { description: "Creates the tables." }, () => void lines.push("init"));
  assert.equal(await app.runCommand(["db", "init"]), 0);
  assert.equal(await app.runCommand(["db"]), 0);
  assert.equal(await new Pottle().runCommand([]), 0);
  assert.deepEqual(lines, [
    "init",
    "Usage: pottle db COMMAND [options]\n\nCommands:\n  init  Creates the tables.",
    "pottle has no commands: add them by app.cli.command()",
  ]);
});

test("app.runCommand() prints the message of a CommandError, and throws other errors", async (context) => {
  const lines = capture(context);
  const app = new Pottle();
  app.cli.command("refuse", () => {
    throw new CommandError("locked", { exitCode: 9 });
  });
  app.cli.command("fail", async () => {
    throw new TypeError("boom");
  });
  app.cli.command("strange", () => 1e9);
  assert.equal(await app.runCommand(["refuse"]), 9);
  await assert.rejects(app.runCommand(["fail"]), TypeError);
  assert.equal(await app.runCommand(["strange"]), 1);
  assert.deepEqual(lines, ["locked"]);
});

test("app.runCommand() answers any arguments with an exit code", async (context) => {
  capture(context);
  const app = new Pottle();
  app.cli.command(
    "c",
    { options: { n: { type: "number" }, t: { type: "string" } }, arguments: ["a?"] },
    () => undefined,
  );
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom("c", "--n", "--t", "-n", "--", "--n=", "--__proto__", "--constructor", "-h"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (args) => {
      assert([0, 2].includes(await app.runCommand(args)));
    }),
  );
});

for (const [name, settings, message] of [
  ["a b", {}, /its name must be letters/],
  ["__proto__", {}, /its name must be letters/],
  ["c", { options: { help: { type: "boolean" } } }, /an option must have a name, not 'help'/],
  ["c", { options: { x: { type: "date" } } }, /'type of --x' must be one of boolean, string, number/],
  ["c", { options: { x: { type: "number", default: "5" } } }, /the default of --x must be a number/],
  ["c", { options: { x: { type: "number", short: "xx" } } }, /'short' of --x must be one letter/],
  ["c", { arguments: ["a?", "b"] }, /'name\?' may follow 'name'/],
  ["c", { arguments: ["a...", "b?"] }, /'name\.\.\.' is the last/],
] as const) {
  test(`app.cli.command() refuses ${JSON.stringify([name, settings])}`, () => {
    const refused = (): void => new Pottle().cli.command(name, settings as CommandSettings, () => undefined);
    assert.throws(refused, message);
  });
}

test("app.cli.command() refuses a name that is taken, and what is no function", () => {
  const { cli } = new Pottle();
  cli.command("c", () => undefined);
  assert.throws(() => cli.command("c", () => undefined), /there is one of that name/);
  assert.throws(() => cli.group("c"), /there is one of that name/);
  assert.throws(() => cli.command("d", 1 as never), TypeError);
});
