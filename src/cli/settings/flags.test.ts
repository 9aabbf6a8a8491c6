import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../errors.ts";
import { readFlags } from "./flags.ts";
import { someOptions } from "./table.fixture.ts";

function read(...args: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(readFlags(args, someOptions).settings.map(({ name, value }) => [name, value]));
}

test("readFlags() reads an option of each kind, in either form, and takes a list from one flag or several", () => {
  assert.deepEqual(read("--drain-timeout", "2m", "--port=80", "--body-buffer=64kB", "--host", "::1", "--log=json"), {
    port: 80,
    drainTimeout: 120_000,
    bodyBuffer: 64_000,
    host: "::1",
    log: "json",
  });
  assert.deepEqual(read("--trusted", "a, b", "--trusted=c"), { trusted: ["a", "b", "c"] });
  assert.deepEqual(read("--reload", "--no-debug"), { reload: true, debug: false });
  assert.deepEqual(read(), {});
});

test("readFlags() tells the file, and what is asked for besides settings", () => {
  const line = readFlags(["a.ts", "-c", "b.toml", "--print-config"], someOptions);
  assert.deepEqual(
    [line.positionals, line.config, line.printConfig, line.help, line.settings],
    [["a.ts"], "b.toml", true, false, []],
  );
  assert.equal(readFlags(["-h"], someOptions).help, true);
});

test("readFlags().argumentsWithout() gives arguments that mean the same, except those that are left out", () => {
  const args = ["--port=1", "--trusted=-a", "--trusted=b,c", "--no-debug", "--reload", "-c", "x.toml"];
  const line = readFlags(args, someOptions);
  const rest = line.argumentsWithout(["reload"]);
  assert.deepEqual(rest, ["--port=1", "--trusted=-a", "--trusted=b,c", "--no-debug", "--config=x.toml"]);
  const again = readFlags(rest, someOptions);
  assert.equal(again.config, "x.toml");
  assert.deepEqual(
    again.settings,
    line.settings.filter(({ name }) => name !== "reload"),
  );
});

const mistakes: Readonly<Record<string, string>> = {
  "--port=80 --port=81": "the option '--port' is given twice: '--port=80', '--port=81'",
  "--reload --no-reload --reload": "the option '--reload' is given 3 times: '--reload', '--no-reload', '--reload'",
  "-c a --config b": "the option '--config' is given twice: '--config=a', '--config=b'",
  "--config=": "the value of '--config' is empty",
  "--prot 1": "unknown option '--prot'\nDid you mean '--port'?",
  "--drainTimeout=1": "unknown option '--drainTimeout'\nDid you mean '--drain-timeout'?",
  "--drain_timeout=1": "unknown option '--drain_timeout'\nDid you mean '--drain-timeout'?",
  "--no-reloda": "unknown option '--no-reloda'\nDid you mean '--reload'?",
  "--nothing-like-it": "unknown option '--nothing-like-it'",
  "--port": "option '--port <value>' argument missing",
  "--port=80.5": "the value of '--port' must be a whole number from 0 to 65535: current value is '80.5'",
  "--workers=0": "the value of '--workers' must be a whole number from 1 on, or infinity: current value is '0'",
  "--drain-timeout=soon":
    "the value of '--drain-timeout' must be a time such as 5s, 500ms or 2m, or a number of milliseconds (up to 2147483647ms): current value is 'soon'",
  "--drain-timeout=infinity":
    "the value of '--drain-timeout' must be a time such as 5s, 500ms or 2m, or a number of milliseconds (up to 2147483647ms): current value is 'infinity'",
  "--read-timeout=0":
    "the value of '--read-timeout' must be a time such as 5s, 500ms or 2m, or a number of milliseconds (above 0, or infinity): current value is '0'",
  "--body-buffer=0":
    "the value of '--body-buffer' must be a size such as 2MB, 64kB or 1MiB, or a number of bytes (from 1B): current value is '0'",
  "--log=xml": "the value of '--log' must be one of text, json: current value is 'xml'",
  "--trusted=a,,b":
    "the value of '--trusted' must be a list of texts, such as 'a,b', or [\"a\", \"b\"] in TOML: current value is 'a,,b'",
  "--host=": "the value of '--host' is empty",
  "--host=unix:": "the path is missing in '--host unix:'",
};

for (const [line, message] of Object.entries(mistakes)) {
  test(`readFlags() refuses ${line}`, () => {
    assert.throws(
      () => read(...line.split(" ")),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.message, message);
        return true;
      },
    );
  });
}
