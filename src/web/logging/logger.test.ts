import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { pino } from "pino";
import { readRequestIdsBy } from "../contexts/request-id.ts";
import { type Logger, Pottle } from "../index.ts";
import { formatJson, formatText } from "./format-record.ts";
import { LineLogger } from "./line-logger.ts";
import type { LogRecord } from "./logger.ts";
import { flushLines } from "./write-lines.ts";

/** A log whose lines are kept. */
function kept(level: "trace" | "info" = "trace"): { logger: LineLogger; lines: () => Record<string, unknown>[] } {
  const texts: string[] = [];
  const logger = new LineLogger({ level, format: formatJson, stream: { write: (piece) => texts.push(piece) } });
  const lines = (): Record<string, unknown>[] => {
    flushLines();
    return texts
      .join("")
      .trimEnd()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  return { logger, lines };
}

interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: string;
  readonly cause?: ErrorFields;
  readonly errors?: readonly ErrorFields[];
}

interface ErrorLine {
  readonly msg: string;
  readonly err: ErrorFields;
}

const common = ["level", "time", "pid", "hostname"] as const;

function without({ ...line }: Record<string, unknown>): Record<string, unknown> {
  for (const name of common.slice(1)) delete line[name];
  return line;
}

test("Logger takes a message, details with a message, and an error, as pino does", () => {
  const texts: string[] = [];
  const ours = kept();
  const theirs = pino({ level: "trace" }, { write: (line) => void texts.push(line) });
  const use = (logger: Logger): void => {
    logger.info("plain");
    logger.warn("%s is %d", "a", 5);
    logger.debug({ a: 1 }, "with %s", "details");
    logger.error({ a: 1 });
    logger.child({ user: 7 }).fatal({ a: 2, user: 8 }, "child");
    logger.trace({ a: [1, { b: undefined }], c: undefined });
  };
  use(ours.logger);
  use(theirs);
  const expected = texts.map((line) => JSON.parse(line) as Record<string, unknown>);
  // In "child" pino writes `user` twice; JSON.parse takes the later one, as ours is.
  assert.deepEqual(ours.lines().map(without), expected.map(without));
});

test("Logger writes an error with its stack, its code and its causes", () => {
  const { logger, lines } = kept();
  const cause = Object.assign(new Error("inner"), { code: "ECONNRESET" });
  logger.error(new Error("outer", { cause }), "it failed");
  logger.error({ err: new AggregateError([new TypeError("part")], "all") });
  const [first, second] = lines() as unknown as [ErrorLine, ErrorLine];
  assert.equal(first.msg, "it failed");
  assert.equal(first.err.message, "outer");
  assert.match(first.err.stack, /logger\.test\.ts/);
  assert.deepEqual([first.err.cause?.message, first.err.cause?.code], ["inner", "ECONNRESET"]);
  assert.equal(second.err.errors?.[0]?.type, "TypeError");
});

test("Logger.level lets the less important lines not through, and refuses what is no level", () => {
  const { logger, lines } = kept("info");
  logger.debug("no");
  logger.level = "error";
  logger.info("no");
  logger.error("yes");
  logger.level = "silent";
  logger.fatal("no");
  assert.deepEqual(
    lines().map(({ msg }) => msg),
    ["yes"],
  );
  assert.equal(logger.isLevelEnabled("fatal"), false);
  assert.throws(() => (logger.level = "loud"), /'level' must be one of trace/);
});

test("Logger writes a line whatever the values are", () => {
  const { logger, lines } = kept();
  const circle: Record<string, unknown> = { a: 1n };
  circle["self"] = circle;
  const hostile = { toJSON: () => assert.fail("no") };
  logger.info({ circle, hostile, big: 5n, f: () => 1, s: Symbol("x") }, "x");
  logger.info({ pid: "forged", level: "forged", msg: "forged", ["__proto__"]: 1 }, "true");
  const [first, second] = lines() as [Record<string, unknown>, Record<string, unknown>];
  assert.equal(first["big"], "5");
  assert.equal(typeof first["circle"], "string");
  assert.deepEqual([second["pid"], second["level"], second["msg"]], [process.pid, 30, "true"]);
});

test("formatJson() and formatText() keep a record on its lines, and send no orders to a terminal", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\n", "\r", "\u001b[2J", "\u2028", "\u0085", "\u202e", "\u009b"),
  );
  const details = fc.dictionary(fc.oneof(fc.string(), nasty), fc.oneof(nasty, fc.jsonValue()));
  fc.assert(
    fc.property(nasty, details, (message, given) => {
      const error = new Error(message);
      const record: LogRecord = { level: "info", time: 0, details: { ...given, err: error }, message };
      const json = formatJson(record);
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      assert(!/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/.test(json));
      assert.equal((JSON.parse(json) as { msg: string }).msg, message);
      const [first, ...rest] = formatText(record).split("\n");
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      for (const line of [first!, ...rest]) assert(!/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/.test(line));
      assert.match(first!, /^\d\d:\d\d:\d\d\.\d{3} INFO/);
      for (const line of rest) assert.match(line, /^ {4}/);
    }),
  );
});

test("app.logger puts method, path and id into the lines of a request, and of what it starts, and into no others", async (context) => {
  context.after(() => readRequestIdsBy(() => undefined));
  readRequestIdsBy((request) => request.headers.get("x-id"));
  const { logger, lines } = kept();
  const app = new Pottle({}, { logger });
  app.get("/a", async () => {
    await Promise.resolve();
    app.logger.child({ part: "x" }).info({ n: 1 }, "in %s", "it");
    app.logger.info("100%s of it");
    return "x";
  });
  app.logger.info("outside");
  await app.testClient().get("/a", { headers: { "X-Id": "7" } });
  assert.deepEqual(lines().map(without), [
    { level: 30, msg: "outside" },
    { level: 30, part: "x", requestId: "7", method: "GET", path: "/a", n: 1, msg: "in it" },
    { level: 30, requestId: "7", method: "GET", path: "/a", msg: "100%s of it" },
  ]);
});

test("app.logger of pino puts them into pino's lines, and keeps its level", async () => {
  const texts: string[] = [];
  const app = new Pottle({}, { logger: pino({ level: "warn" }, { write: (line) => void texts.push(line) }) });
  app.get("/a", () => {
    app.logger.info("no");
    app.logger.error(new Error("boom"), "failed");
    return "x";
  });
  await app.testClient().get("/a");
  const line = JSON.parse(texts[0] ?? "") as Record<string, unknown> & { err: { message: string } };
  assert.equal(texts.length, 1);
  assert.deepEqual([line["method"], line["path"], line["msg"], line.err.message], ["GET", "/a", "failed", "boom"]);
  assert.equal(app.logger.level, "warn");
});

test("Pottle refuses a logger that is none, and a level that is none", () => {
  assert.throws(() => new Pottle({}, { logger: console as never }), /'logger' must be a logger such as pino's/);
  assert.throws(() => new Pottle({}, { logLevel: "loud" as never }), /'logLevel' must be one of/);
});

test("app.logger has the level of the option, else that of POTTLE_LOG_LEVEL, else info", (context: TestContext) => {
  context.after(() => delete process.env["POTTLE_LOG_LEVEL"]);
  assert.equal(new Pottle().logger.level, "info");
  process.env["POTTLE_LOG_LEVEL"] = "error";
  assert.equal(new Pottle().logger.level, "error");
  assert.equal(new Pottle({}, { logLevel: "debug" }).logger.level, "debug");
  process.env["POTTLE_LOG_LEVEL"] = "loud";
  assert.throws(() => new Pottle(), /POTTLE_LOG_LEVEL must be one of/);
});

/** What a program prints on standard error that ends right after it has logged. */
async function loggedBy(ending: string): Promise<string> {
  const program = `
    import { Pottle } from ${JSON.stringify(new URL("../index.ts", import.meta.url).href)};
    const app = new Pottle();
    for (let i = 0; i < 1000; i++) app.logger.info({ i }, "line");
    ${ending}
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  return await text(child.stderr);
}

for (const ending of [
  "process.exit(3);",
  "throw new Error('boom');",
  "app.logger.fatal('over'); process.kill(process.pid, 'SIGKILL');",
]) {
  test(`app.logger loses no line when a program ends by: ${ending}`, async () => {
    const output = await loggedBy(ending);
    assert.equal(output.match(/"msg":"line"/g)?.length, 1_000);
  });
}
