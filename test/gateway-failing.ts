/** Applications that fail, or answer as they may not. */

import assert from "node:assert/strict";
import { currentTask, Event, sleep } from "../src/asyncio/index.ts";
import type { Exchange } from "../src/http/index.ts";
import { collectReports, type DefineCase, plain, readAll, readText } from "./gateway-scene.ts";

const demand = new Event();
const refusal = new Event();
const unwanted: string[] = [];
let refused = "";

/** Defines the cases of applications that fail. */
export function testFailing(gateway: DefineCase): void {
  gateway(
    "an application that fails is answered with 500, reported once, and the connection goes on",
    failSomehow,
    async (scene) => {
      const reports = await collectReports(async () => {
        const call = await scene.connection.request({ method: "GET", target: "/before" });
        assert.equal((await call.head()).status, 500);
        assert.equal(await readAll(call), "Internal Server Error");
        const { outcome } = await scene.entry();
        assert(outcome.kind === "failed" && outcome.error instanceof Error && outcome.error.message === "before");
      });
      assert.deepEqual(reports, ["Error while serving GET /before: before"]);
    },
  );

  gateway(
    "an application that has answered and fails then is reported, and its answer stands",
    failSomehow,
    async (scene) => {
      const reports = await collectReports(async () => {
        const call = await scene.connection.request({ method: "GET", target: "/after" });
        assert.equal(await readAll(call), "whole");
        const { outcome, status } = await scene.entry();
        assert.deepEqual([outcome.kind, status], ["failed", 200]);
      });
      assert.deepEqual(reports, ["Error while serving GET /after: after"]);
    },
  );

  gateway(
    "an application that fails in the middle of its answer breaks the connection off",
    failSomehow,
    async (scene) => {
      const reports = await collectReports(async () => {
        const call = await scene.connection.request({ method: "GET", target: "/middle" });
        assert.equal(await readText(call), "half");
        demand.set();
        await assert.rejects(readAll(call));
        const { outcome } = await scene.entry();
        assert.equal(outcome.kind, "failed");
      });
      assert.deepEqual(reports, ["Error while serving GET /middle: middle"]);
    },
  );

  gateway(
    "an application that does not answer is answered for",
    () => undefined,
    async (scene) => {
      const reports = await collectReports(async () => {
        const call = await scene.connection.request({ method: "GET", target: "/" });
        assert.equal((await call.head()).status, 500);
        await readAll(call);
        const { outcome } = await scene.entry();
        assert(outcome.kind === "failed" && (outcome.error as Error).name === "NoResponseError");
      });
      assert.equal(reports.length, 1);
    },
  );

  gateway("what may not be sent is refused, and another answer may be", respondBadly, async ({ connection, entry }) => {
    const cases = Object.keys(badAnswers);
    for (const target of cases) {
      const call = await connection.request({ method: "GET", target });
      const [name, message] = (await readAll(call)).split("|");
      assert.equal(name, badAnswers[target]?.[0], target);
      assert.match(message ?? "", badAnswers[target]?.[1] ?? /^$/);
      assert.deepEqual((await entry()).outcome, { kind: "served" });
    }
  });

  gateway("a second answer is refused", respondTwice, async ({ connection }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    assert.equal(await readAll(call), "first");
    assert.equal(String(await refusal.wait()), "true");
    assert.match(refused, /^AlreadyRespondedError: Cannot respond to GET \/ again as it was answered: status is 200$/);
  });

  for (const target of ["/fewer", "/more"]) {
    gateway(
      `a stream with ${target.slice(1)} bytes than its length is broken off`,
      respondWrongLength,
      async (scene) => {
        await collectReports(async () => {
          const call = await scene.connection.request({ method: "GET", target });
          await assert.rejects(readAll(call));
          const { outcome } = await scene.entry();
          assert(outcome.kind === "failed" && (outcome.error as Error).name === "ContentLengthError");
        });
      },
    );
  }

  gateway("a stream that would not be sent is closed and not begun", respondUnwanted, async ({ connection, entry }) => {
    const call = await connection.request({ method: "HEAD", target: "/" });
    assert.equal(await readAll(call), "");
    await entry();
    assert.deepEqual(unwanted, ["return"]);
  });

  gateway(
    "a request that is cancelled by somebody else is answered with 503",
    cancelItself,
    async ({ connection, entry }) => {
      const call = await connection.request({ method: "GET", target: "/" });
      assert.equal((await call.head()).status, 503);
      await readAll(call);
      assert.deepEqual((await entry()).outcome, { kind: "cancelled", reason: "enough" });
    },
  );
}

async function failSomehow(exchange: Exchange): Promise<void> {
  const where = exchange.target.slice(1);
  if (where === "after") await exchange.respond(200, plain, "whole");
  if (where === "middle") {
    await exchange.respond(
      200,
      plain,
      (async function* () {
        yield "half";
        await demand.wait();
        demand.clear();
        throw new Error(where);
      })(),
    );
  }
  throw new Error(where);
}

async function respondBadly(exchange: Exchange): Promise<void> {
  try {
    await badAnswers[exchange.target]?.[2](exchange);
    assert.fail("it was not refused");
  } catch (error) {
    const { name, message } = error as Error;
    await exchange.respond(200, plain, `${name}|${message}`);
  }
}

async function respondTwice(exchange: Exchange): Promise<void> {
  await exchange.respond(200, plain, "first");
  await exchange.respond(404, plain, "second").catch((error: unknown) => {
    refused = String(error);
  });
  refusal.set();
}

function respondWrongLength(exchange: Exchange): Promise<void> {
  const length = exchange.target === "/fewer" ? "6" : "4";
  return exchange.respond(
    200,
    [...plain, "Content-Length", length],
    (async function* () {
      yield "five!";
    })(),
  );
}

function respondUnwanted(exchange: Exchange): Promise<void> {
  unwanted.length = 0;
  const iterator = {
    next: () => Promise.resolve({ done: true as const, value: unwanted.push("next") }),
    return: () => Promise.resolve({ done: true as const, value: unwanted.push("return") }),
  };
  return exchange.respond(200, plain, { [Symbol.asyncIterator]: () => iterator } as AsyncIterable<string>);
}

async function cancelItself(): Promise<void> {
  currentTask()?.cancel("enough");
  await sleep(60_000);
}

type BadAnswer = [error: string, message: RegExp, respond: (exchange: Exchange) => Promise<void>];

const badAnswers: Record<string, BadAnswer> = {
  "/line-break": [
    "InvalidHeaderError",
    /'X' as its value.*"a\\r\\nSet-Cookie: b=c"/,
    (it) => it.respond(200, ["X", "a\r\nSet-Cookie: b=c"]),
  ],
  "/nul": ["InvalidHeaderError", /"a\\u0000"/, (it) => it.respond(200, ["X", "a\0"])],
  "/not-latin": ["InvalidHeaderError", /"ž"/, (it) => it.respond(200, ["X", "ž"])],
  "/name": [
    "InvalidHeaderError",
    /name must be a token: current value is "X Y"/,
    (it) => it.respond(200, ["X Y", "a"]),
  ],
  "/empty-name": ["InvalidHeaderError", /current value is ""/, (it) => it.respond(200, ["", "a"])],
  "/no-value": [
    "InvalidHeaderError",
    /each name must have a value: current list is \["X"\]/,
    (it) => it.respond(200, ["X"]),
  ],
  "/framing": [
    "InvalidHeaderError",
    /as the server frames the body/,
    (it) => it.respond(200, ["Transfer-Encoding", "chunked"], ""),
  ],
  "/length": [
    "ContentLengthError",
    /'Content-Length' is 4: current length is 5/,
    (it) => it.respond(200, ["Content-Length", "4"], "five!"),
  ],
  "/bad-length": [
    "ContentLengthError",
    /'Content-Length' is -1/,
    (it) => it.respond(200, ["Content-Length", "-1"], ""),
  ],
  "/status-99": ["RangeError", /from 200 to 599: current value is 99/, (it) => it.respond(99, [])],
  "/status-nan": ["RangeError", /current value is NaN/, (it) => it.respond(NaN, [])],
  "/body": [
    "TypeError",
    /'body' must be a string.*current value is 7/,
    (it) => it.respond(200, [], 7 as unknown as string),
  ],
};
