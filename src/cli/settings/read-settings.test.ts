import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test, type TestContext } from "node:test";
import { parse } from "smol-toml";
import { UsageError } from "../errors.ts";
import type { RunSettings } from "../run-settings.ts";
import { formatConfig } from "./print-config.ts";
import { readSettings } from "./read-settings.ts";

/** A folder with files; those whose names end with a slash are folders. */
function folderOf(context: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-settings-"));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    if (name.endsWith("/")) mkdirSync(join(folder, name));
    else writeFileSync(join(folder, name), text);
  }
  return folder;
}

type Env = Readonly<Record<string, string>>;

async function settingsOf(args: readonly string[], env: Env = {}): Promise<RunSettings> {
  const request = await readSettings(args, env);
  assert.equal(request.kind, "run");
  return request.settings;
}

test("readSettings() reads pottle.toml beside the application, and does without one", async (context) => {
  const folder = folderOf(context, { "pottle.toml": "port = 81" });
  for (const target of [join(folder, "app.ts"), join(folder, "app.ts:api")]) {
    assert.equal((await settingsOf([target])).values.port, 81);
  }
  const { values, origins, configFile } = await settingsOf([join(folder, "inner", "app.ts")]);
  assert.deepEqual([values.port, origins.size], [5000, 0]);
  assert.equal(configFile.text, undefined);
  assert.equal(configFile.path, join(folder, "inner", "pottle.toml"));
});

test("readSettings() reads the file of --config, else that of POTTLE_CONFIG, else pottle.toml, and no other", async (context) => {
  const folder = folderOf(context, {
    "pottle.toml": "port = 81\ndebug = true",
    "a.toml": "port = 82",
    "b.toml": "port = 83",
  });
  const [target, a, b] = ["app.ts", "a.toml", "b.toml"].map((name) => join(folder, name)) as [string, string, string];
  const portBy = async (args: readonly string[], env: Env): Promise<unknown> => {
    const { values } = await settingsOf([target, ...args], env);
    return [values.port, values.debug];
  };
  assert.deepEqual(await portBy(["-c", a], { POTTLE_CONFIG: b }), [82, false]);
  assert.deepEqual(await portBy([], { POTTLE_CONFIG: relative(process.cwd(), b) }), [83, false]);
  assert.deepEqual(await portBy([], { POTTLE_CONFIG: "" }), [81, true]);
});

test("readSettings() refuses a file that is named and cannot be read", async (context) => {
  const folder = folderOf(context, { "sub/": "" });
  const missing = join(folder, "none.toml");
  await assert.rejects(
    settingsOf(["app.ts", "-c", missing]),
    new UsageError(`cannot read the file ${missing} that '--config' names: there is no such file`),
  );
  await assert.rejects(
    settingsOf(["app.ts"], { POTTLE_CONFIG: join(folder, "sub") }),
    new UsageError(`cannot read the file ${join(folder, "sub")} that POTTLE_CONFIG names: it is a directory`),
  );
});

test("readSettings() refuses a pottle.toml that is there and cannot be read", async (context) => {
  const folder = folderOf(context, { "pottle.toml/": "" });
  await assert.rejects(
    settingsOf([join(folder, "app.ts")]),
    /^UsageError: cannot read the file .*pottle\.toml: it is a directory$/,
  );
});

test("readSettings() names the place of a mistake, even of a value that a stronger source overrides", async (context) => {
  const folder = folderOf(context, { "pottle.toml": "\nport = true" });
  await assert.rejects(
    settingsOf([join(folder, "app.ts"), "--port=1"]),
    new UsageError(
      `${join(folder, "pottle.toml")}:2: the value of 'port' must be a whole number from 0 to 65535: current value is true`,
    ),
  );
});

test("readSettings() wants one file", async () => {
  await assert.rejects(readSettings(["--print-config"], {}), new UsageError("the FILE to run is missing"));
  await assert.rejects(
    readSettings(["a", "b", "c"], {}),
    new UsageError("there is one FILE to run, not also 'b', 'c'"),
  );
});

/** The port of a socket, and of what is said about it: an error, or the sources that agree. */
const socketPorts: readonly (readonly [flags: string, env: Env, toml: string, error: RegExp | undefined])[] = [
  ["--host=unix:a --port=1", {}, "", /^a socket has no port: leave '--port' out$/],
  ["--port=1", { POTTLE_HOST: "unix:a" }, "", /^a socket has no port: leave '--port' out$/],
  ["", { POTTLE_PORT: "1" }, 'host = "unix:a"', /^a socket has no port: leave POTTLE_PORT out$/],
  ["", {}, 'port = 1\nhost = "unix:a"', /pottle\.toml:1: a socket has no port: leave 'port' out$/],
  ["--host=unix:a", { POTTLE_PORT: "1" }, "port = 1", undefined],
  ["", { POTTLE_HOST: "unix:a" }, "port = 1", undefined],
];

for (const [flags, env, toml, error] of socketPorts) {
  const sources = [flags, ...Object.entries(env).map((each) => each.join("=")), toml].filter((text) => text !== "");
  test(`readSettings() ${error === undefined ? "ignores" : "refuses"} the port in ${JSON.stringify(sources.join("; "))}`, async (context) => {
    const target = join(folderOf(context, { "pottle.toml": toml }), "app.ts");
    const reading = settingsOf([target, ...flags.split(" ").filter((flag) => flag !== "")], env);
    if (error === undefined) assert.equal((await reading).values.host, "unix:a");
    else await assert.rejects(reading, { name: "UsageError", message: error });
  });
}

test("formatConfig() prints each value and where it comes from, as a file that means the same", async (context) => {
  const folder = folderOf(context, { "pottle.toml": 'host = "::1"\nrequest_timeout = "10s"\nbody_buffer = 1500' });
  const env = { POTTLE_WRITE_TIMEOUT: "infinity", POTTLE_DEBUG: "0" };
  const settings = await settingsOf([join(folder, "app.ts"), "--drain-timeout=250"], env);
  const text = formatConfig(settings);
  const file = join(folder, "pottle.toml");
  assert.equal(text.split("\n")[0], `# ${join(folder, "app.ts")} runs with these settings. The file is ${file}.`);
  const lines = text.split("\n").map((line) => line.replace(/ {2,}/, "  "));
  for (const line of [
    `host = "::1"  # ${file}:1`,
    "port = 5000  # default, or the next free one",
    'drain_timeout = "250ms"  # --drain-timeout',
    'cancel_grace = "3s"  # default',
    `body_buffer = "1500B"  # ${file}:3`,
    'headers_timeout = "10s"  # default, or request_timeout if that is less',
    `request_timeout = "10s"  # ${file}:2`,
    'write_timeout = "infinity"  # POTTLE_WRITE_TIMEOUT',
    "reload = false  # default",
    "debug = true  # POTTLE_DEBUG",
  ]) {
    assert.ok(lines.includes(line), `${line}\nis not in\n${text}`);
  }
  assert.equal(Object.keys(parse(text)).length, Object.keys(settings.values).length);
  writeFileSync(join(folder, "printed.toml"), text);
  const again = await settingsOf([join(folder, "app.ts"), "-c", join(folder, "printed.toml")]);
  assert.deepEqual(again.values, settings.values);
});

test("formatConfig() says that a socket has no port, and that there is no file", async (context) => {
  const folder = folderOf(context);
  const text = formatConfig(await settingsOf([join(folder, "app.ts"), "--host=unix:a"]));
  assert.match(
    text,
    /^# .*app\.ts runs with these settings\. There is no .*pottle\.toml\.\nhost = "unix:a" +# --host\n/,
  );
  assert.match(text, /^# port +# none: the host is a socket$/m);
});

test("readSettings() keeps the flags that a process started by the watcher is given", async () => {
  const { flags } = await settingsOf(["app.ts", "--reload", "--port", "1", "--no-debug"]);
  assert.deepEqual(flags, ["--port=1", "--no-debug"]);
});
