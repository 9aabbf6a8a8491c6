/** How the request for a WebSocket is answered. */

import assert from "node:assert/strict";
import { currentTask, Event, sleep } from "../src/asyncio/index.ts";
import { findHeader, type Peer, type WebSocketConnection } from "../src/http/index.ts";
import { collectReports } from "./gateway-scene.ts";
import { assertVanished, closeOf, type DefineSocketCase } from "./gateway-web-socket-scene.ts";

const entered = new Event();
const accepting = new Event();

/** Defines the cases of answers. */
export function testSocketAnswers(define: DefineSocketCase): void {
  define("it is accepted with a subprotocol and headers", describeItself, async ({ open, entry, accepted }) => {
    const socket = await open({ target: "/chat?room=1", subprotocols: ["v2", "v1"] });
    const { status, headers } = await socket.head();
    assert.equal(status, accepted);
    assert.equal(findHeader(headers, "sec-websocket-protocol"), "v1");
    assert.equal(findHeader(headers, "x-own"), "a, b");
    const { peer: shown, ...seen } = JSON.parse((await socket.receive()) as string) as { peer?: Peer };
    assert.equal(typeof shown?.address, "string");
    assert.deepEqual(seen, {
      target: "/chat?room=1",
      scheme: "ws",
      subprotocols: ["v2", "v1"],
      responded: [false, true],
    });
    assert.equal(await closeOf(socket), "1000");
    const { milliseconds, peer: logged, bytes, ...rest } = await entry();
    assert(milliseconds >= 0 && logged !== undefined && bytes > 20);
    assert.deepEqual(rest, { method: "GET", target: "/chat?room=1", status: accepted, outcome: { kind: "served" } });
  });

  for (const kind of ["text", "stream"]) {
    define(
      `it is rejected with a ${kind}`,
      (it) => rejectBy(it, kind),
      async ({ open, entry }) => {
        const socket = await open();
        const { status, headers } = await socket.head();
        assert.deepEqual([status, findHeader(headers, "x-why")], [403, "closed today"]);
        assert.equal(await socket.body(), "not today");
        const { outcome, bytes } = await entry();
        assert.deepEqual([outcome, bytes], [{ kind: "served" }, 9]);
      },
    );
  }

  define("what may not be answered is refused, and another answer may be", answerBadly, async ({ open }) => {
    const socket = await open({ subprotocols: ["a"] });
    assert.deepEqual(JSON.parse((await socket.receive()) as string), [
      "RangeError: Cannot accept the WebSocket as 'subprotocol' must be one that the client offers: a: current value is \"b\"",
      "InvalidHeaderError: Cannot send the header 'Upgrade' as the server writes the handshake: current value is \"h2c\"",
      "InvalidHeaderError: Cannot send the header 'X-A' as its value must be a string of visible Latin-1 characters, blanks and tabs: current value is \"a\\r\\nb\"",
      "RangeError: Cannot reject the WebSocket as 'status' must be a whole number from 300 to 599: current value is 200",
      "InvalidStateError: Cannot send a message as the WebSocket was not accepted: call accept() first",
      "InvalidStateError: Cannot receive a message as the WebSocket was not accepted: call accept() first",
      "InvalidStateError: Cannot close the WebSocket as the WebSocket was not accepted: call accept() first",
      "AlreadyRespondedError",
      "AlreadyRespondedError",
    ]);
  });

  define("a rejection cannot be followed by another answer", rejectTwice, async ({ open, entry }) => {
    const socket = await open();
    assert.equal((await socket.head()).status, 404);
    assert.equal(await socket.body(), "first");
    assert.deepEqual((await entry()).outcome, { kind: "served" });
  });

  define(
    "an application that does not answer is answered for",
    async () => undefined,
    async ({ open, entry }) => {
      const reports = await collectReports(async () => {
        const socket = await open({ target: "/x" });
        assert.equal((await socket.head()).status, 500);
        assert.equal(await socket.body(), "Internal Server Error");
        const { outcome } = await entry();
        assert(outcome.kind === "failed" && (outcome.error as Error).name === "NoResponseError");
      });
      assert.equal(reports.length, 1);
    },
  );

  define("an application that fails before it answers is answered for", fail, async ({ open, entry }) => {
    const reports = await collectReports(async () => {
      const socket = await open({ target: "/x" });
      assert.equal((await socket.head()).status, 500);
      await socket.body();
      assert.equal((await entry()).outcome.kind, "failed");
    });
    assert.deepEqual(reports, ["Error while serving GET /x: boom"]);
  });

  define("a request that is cancelled by other code is answered with 503", cancelItself, async ({ open, entry }) => {
    const socket = await open();
    assert.equal((await socket.head()).status, 503);
    await socket.body();
    assert.deepEqual((await entry()).outcome, { kind: "cancelled", reason: "enough" });
  });

  define("a client that vanishes just before it is accepted is no failure", acceptLate, async ({ open, entry }) => {
    const socket = await open();
    await entered.wait();
    socket.vanish();
    accepting.set();
    assertVanished(await entry());
  });

  define("a client that vanishes before the answer cancels the task", waitBefore, async ({ open, entry }) => {
    const socket = await open();
    await entered.wait();
    socket.vanish();
    const ended = await entry();
    assertVanished(ended);
    assert.equal(ended.status, undefined);
  });
}

async function describeItself(connection: WebSocketConnection): Promise<void> {
  const { target, scheme, subprotocols, peer, responded } = connection;
  await connection.accept({ subprotocol: "v1", headers: ["X-Own", "a, b"] });
  const all = { target, scheme, subprotocols, peer, responded: [responded, connection.responded] };
  await connection.send(JSON.stringify(all));
}

async function rejectBy(connection: WebSocketConnection, kind: string): Promise<void> {
  async function* pieces(): AsyncGenerator<string> {
    yield "not ";
    yield "today";
  }
  await connection.reject(403, ["X-Why", "closed today"], kind === "text" ? "not today" : pieces());
}

async function answerBadly(connection: WebSocketConnection): Promise<void> {
  const refused: string[] = [];
  const note = async (attempt: Promise<unknown>, isShort = false): Promise<void> => {
    const error: unknown = await attempt.then(
      () => "it was not refused",
      (caught: unknown) => caught,
    );
    refused.push(isShort ? (error as Error).name : String(error));
  };
  await note(connection.accept({ subprotocol: "b" }));
  await note(connection.accept({ headers: ["Upgrade", "h2c"] }));
  await note(connection.accept({ headers: ["X-A", "a\r\nb"] }));
  await note(connection.reject(200));
  await note(connection.send("early"));
  await note(connection.receive());
  await note(connection.close());
  await connection.accept({ subprotocol: "a" });
  await note(connection.accept(), true);
  await note(connection.reject(403), true);
  await connection.send(JSON.stringify(refused));
}

async function rejectTwice(connection: WebSocketConnection): Promise<void> {
  await connection.reject(404, [], "first");
  await assert.rejects(connection.reject(403), { name: "AlreadyRespondedError" });
  await assert.rejects(connection.accept(), { name: "AlreadyRespondedError" });
}

async function fail(): Promise<void> {
  throw new Error("boom");
}

async function cancelItself(): Promise<void> {
  currentTask()?.cancel("enough");
  await sleep(60_000);
}

async function acceptLate(connection: WebSocketConnection): Promise<void> {
  accepting.clear();
  entered.set();
  await accepting.wait();
  entered.clear();
  await connection.accept();
  await connection.receive();
}

async function waitBefore(): Promise<void> {
  entered.set();
  try {
    await sleep(60_000);
  } finally {
    entered.clear();
  }
}
