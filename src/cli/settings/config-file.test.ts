import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../errors.ts";
import { readConfigText } from "./config-file.ts";
import { someOptions } from "./table.fixture.ts";

const toml = `# a comment with port = 1
port = 80
"workers" = inf
drain_timeout = "5s"
  read_timeout = inf
whole_timeout = 250
body_buffer = "64kB"
host = '::1'
trusted = ["a,b", "c"]
log = "json"
reload = true
debug = false
`;

test("readConfigText() reads an option of each kind, and tells its line", () => {
  const settings = readConfigText(toml, "a.toml", someOptions);
  assert.deepEqual(
    settings.map(({ name, value, origin }) => [name, value, origin.source === "file" && origin.line]),
    [
      ["port", 80, 2],
      ["workers", Infinity, 3],
      ["drainTimeout", 5_000, 4],
      ["readTimeout", Infinity, 5],
      ["wholeTimeout", 250, 6],
      ["bodyBuffer", 64_000, 7],
      ["host", "::1", 8],
      ["trusted", ["a,b", "c"], 9],
      ["log", "json", 10],
      ["reload", true, 11],
      ["debug", false, 12],
    ],
  );
});

test("readConfigText() tells no line where two lines could be meant", () => {
  const [first] = readConfigText('host = """\nhost = 1"""', "a.toml", someOptions);
  assert.deepEqual(first?.origin, { source: "file", file: "a.toml", line: undefined });
});

test("readConfigText() reads an empty file, Windows line ends and a byte order mark", () => {
  assert.deepEqual(readConfigText("", "a.toml", someOptions), []);
  const [, second] = readConfigText("\uFEFFport = 1\r\nreload = true\r\n", "a.toml", someOptions);
  assert.deepEqual(second?.origin, { source: "file", file: "a.toml", line: 2 });
});

const mistakes: Readonly<Record<string, string>> = {
  "port = 1\n\nport = 2": "a.toml:3:1: the option 'port' is given twice",
  "port = ": "a.toml:1:8: not valid TOML: invalid value",
  "drain_timeout = 5s": `a.toml:1:18: a value with a unit is a text: write 'drain_timeout = "5s"'`,
  "read_timeout = infinity": `a.toml:1:19: a value with a unit is a text: write 'read_timeout = "infinity"'`,
  "\ndrain-timeout = 1": "a.toml:2: the option 'drain-timeout' is written 'drain_timeout' in a file",
  "drainTimeout = 1": "a.toml:1: the option 'drainTimeout' is written 'drain_timeout' in a file",
  "DRAIN_TIMEOUT = 1": "a.toml:1: the option 'DRAIN_TIMEOUT' is written 'drain_timeout' in a file",
  "POTTLE_PORT = 1": "a.toml:1: the option 'POTTLE_PORT' is written 'port' in a file",
  "drain_timout = 1": "a.toml:1: there is no option 'drain_timout': did you mean 'drain_timeout'?",
  "colour = 1": "a.toml:1: there is no option 'colour'",
  "__proto__ = 1": "a.toml:1: there is no option '__proto__'",
  "toString = 1": "a.toml:1: there is no option 'toString'",
  '"a\\nb" = 1': "a.toml: there is no option 'a\\nb'",
  "[server]\nport = 1":
    "a.toml:1: 'server' is a table, and options are not in tables: write them at the top of the file",
  "[[server]]\nport = 1":
    "a.toml:1: 'server' is a table, and options are not in tables: write them at the top of the file",
  "port.x = 1": "a.toml:1: 'port' is a table, and options are not in tables: write them at the top of the file",
  'port = "80"': "a.toml:1: the value of 'port' must be a whole number from 0 to 65535: current value is '80'",
  "port = 80.0": "",
  "port = 80.5": "a.toml:1: the value of 'port' must be a whole number from 0 to 65535: current value is 80.5",
  "port = inf": "a.toml:1: the value of 'port' must be a whole number from 0 to 65535: current value is Infinity",
  "reload = 1": "a.toml:1: the value of 'reload' must be true or false: current value is 1",
  'debug = "yes"': "a.toml:1: the value of 'debug' must be true or false: current value is 'yes'",
  "host = 1": "a.toml:1: the value of 'host' must be a text: current value is 1",
  'host = ""': "a.toml:1: the value of 'host' is empty",
  'host = "unix:"': `a.toml:1: the path is missing in 'host = "unix:"'`,
  'trusted = "a"':
    "a.toml:1: the value of 'trusted' must be a list of texts, such as 'a,b', or [\"a\", \"b\"] in TOML: current value is 'a'",
  "trusted = [1]":
    "a.toml:1: the value of 'trusted' must be a list of texts, such as 'a,b', or [\"a\", \"b\"] in TOML: current value is [ 1 ]",
  "drain_timeout = -1":
    "a.toml:1: the value of 'drain_timeout' must be a time such as 5s, 500ms or 2m, or a number of milliseconds (up to 2147483647ms): current value is -1",
  "read_timeout = nan":
    "a.toml:1: the value of 'read_timeout' must be a time such as 5s, 500ms or 2m, or a number of milliseconds (above 0, or infinity): current value is NaN",
  "port = 1979-05-27":
    "a.toml:1: the value of 'port' must be a whole number from 0 to 65535: current value is the date 1979-05-27",
};

for (const [text, message] of Object.entries(mistakes)) {
  test(`readConfigText() ${message === "" ? "takes" : "refuses"} ${JSON.stringify(text)}`, () => {
    const read = (): unknown => readConfigText(text, "a.toml", someOptions);
    if (message === "") assert.doesNotThrow(read);
    else assert.throws(read, new UsageError(message));
  });
}
