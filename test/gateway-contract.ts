/**
 * What an application may rely on, whatever server it runs on: each case is run over each implementer. An implementer
 * says how to open a connection, and nothing else; see `gateway.test.ts`.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, currentTask, Event, setExceptionHandler, sleep } from "../src/asyncio/index.ts";
import { type AccessEntry, type Application, ClientDisconnected, type Exchange, type ResponseHead } from "../src/http/index.ts";

/** A request as a client sends it. */
export interface ContractRequest {
  readonly method: string;
  readonly target: string;
  /** A body that is sent at once; or the length of one that is sent in pieces by `send`. */
  readonly body?: string | number;
}

/** A request that is under way, seen by its client. */
export interface ContractCall {
  /** Sends a piece of the body; resolves when it has left. */
  send(piece: Uint8Array): Promise<void>;
  head(): Promise<ResponseHead>;
  /** The next piece of the body; `undefined` at its end; throws if it is broken off. */
  read(): Promise<Uint8Array | undefined>;
}

/** A connection, seen by its client. */
export interface ContractConnection {
  request(request: ContractRequest): Promise<ContractCall>;
  /** Closes the connection. */
  leave(): void;
  /** Says that nothing more will be sent (FIN), and goes on reading. */
  halfClose(): void;
}

/** An application that is being served. */
export interface ContractServer extends AsyncDisposable {
  connect(): Promise<ContractConnection>;
}

/** What is to be tested. */
export interface Implementer {
  readonly name: string;
  serve(app: Application, onAccess: (entry: AccessEntry) => void): Promise<ContractServer>;
}

const megabyte = 2 ** 20;
const plain = ["Content-Type", "text/plain"];

/** A server, a connection to it, and the entries of its requests in the order in which they end. */
interface Scene {
  readonly server: ContractServer;
  readonly connection: ContractConnection;
  entry(): Promise<AccessEntry>;
}

/** Defines every case for one implementer. */
export function testGateway(implementer: Implementer): void {
  function gateway(title: string, handle: Application["handle"], body: (scene: Scene) => Promise<void>): void {
    test(`${implementer.name}: ${title}`, { timeout: 20_000 }, () => play(implementer, { handle }, body));
  }

  for (const method of ["GET", "DELETE"]) {
    gateway(`${method} is answered, and the connection goes on`, respondHello, async ({ connection, entry }) => {
      for (let i = 0; i < 3; i++) {
        const call = await connection.request({ method, target: "/a?b=c" });
        const { status, headers } = await call.head();
        assert.equal(status, 200);
        assert.equal(headers[headers.indexOf("Content-Length") + 1], "5");
        assert.equal(await readAll(call), "Hello");
        const { milliseconds, peer, ...rest } = await entry();
        assert.deepEqual(rest, { method, target: "/a?b=c", status: 200, bytes: 5, outcome: { kind: "served" } });
        assert(milliseconds >= 0 && peer !== undefined);
      }
    });
  }

  gateway("a body is handed over whole", echo, async ({ connection, entry }) => {
    for (const length of [0, 1, 3 * megabyte]) {
      const call = await connection.request({ method: "POST", target: "/", body: "x".repeat(length) });
      assert.equal((await readAll(call)).length, length);
      assert.deepEqual((await entry()).outcome, { kind: "served" });
    }
  });

  gateway("a body that comes in pieces is handed over as it comes", countPieces, async ({ connection }) => {
    const call = await connection.request({ method: "POST", target: "/", body: 30 });
    for (let i = 0; i < 3; i++) await call.send(Buffer.alloc(10));
    assert.equal(await readAll(call), "30");
    const again = await connection.request({ method: "POST", target: "/", body: "after" });
    assert.equal(await readAll(again), "5");
  });

  for (const length of [5, megabyte, 3 * megabyte]) {
    gateway(`a body of ${length} bytes that nobody reads leaves the request alone`, respondHello, async ({ connection, entry }) => {
      const call = await connection.request({ method: "POST", target: "/", body: "x".repeat(length) });
      assert.equal(await readAll(call), "Hello");
      assert.deepEqual((await entry()).outcome, { kind: "served" });
      const again = await connection.request({ method: "GET", target: "/" });
      assert.equal(await readAll(again), "Hello");
    });
  }

  const parked = new Parked();
  const sleepers: [title: string, handle: Application["handle"], request: ContractRequest][] = [
    ["that waits on GET", parked.wait, { method: "GET", target: "/" }],
    ["that waits after it read the body", parked.readAndWait, { method: "POST", target: "/", body: "x".repeat(100) }],
    ["that waits with a small body unread", parked.wait, { method: "POST", target: "/", body: "x" }],
    ["that waits with 1 MB of body unread", parked.wait, { method: "POST", target: "/", body: "x".repeat(megabyte) }],
  ];
  for (const [title, handle, request] of sleepers) {
    for (const how of ["leave", "halfClose"] as const) {
      gateway(`a request ${title} is cancelled by ${how}()`, handle, async ({ connection, entry }) => {
        await connection.request(request);
        await parked.entered();
        connection[how]();
        const { outcome, status, bytes } = await entry();
        assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected, `outcome is ${outcome.kind}`);
        assert.match(outcome.reason.message, /^Client [^ ]+:\d+ disconnected after \d+ ms$/);
        assert.deepEqual([status, bytes, parked.cleaned], [undefined, 0, true]);
      });
    }
    gateway(`a request ${title} is served if its client stays`, handle, async ({ connection, entry }) => {
      const call = await connection.request(request);
      await parked.entered();
      parked.release();
      assert.equal(await readAll(call), "woken");
      assert.deepEqual((await entry()).outcome, { kind: "served" });
    });
  }

  gateway("an upload that is aborted midway cancels who reads it", echo, async ({ connection, entry }) => {
    const call = await connection.request({ method: "POST", target: "/", body: 1_000 });
    await call.send(Buffer.alloc(10));
    connection.leave();
    assertDisconnected(await entry());
  });

  gateway("a stream arrives piece by piece", streamOnDemand, async ({ connection, entry }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    assert.equal((await call.head()).status, 200);
    for (const piece of ["one", "two"]) {
      demand.set();
      assert.equal(await readText(call), piece);
    }
    demand.set();
    assert.equal(await call.read(), undefined);
    const { outcome, bytes } = await entry();
    assert.deepEqual([outcome, bytes], [{ kind: "served" }, 6]);
    const again = await connection.request({ method: "HEAD", target: "/" });
    assert.equal(await readAll(again), "");
  });

  for (const how of ["leave", "halfClose"] as const) {
    gateway(`a stream is closed by ${how}()`, endlessStream, async ({ connection, entry }) => {
      const call = await connection.request({ method: "GET", target: "/" });
      await call.read();
      assert.equal(streams.open, 1);
      connection[how]();
      assertDisconnected(await entry());
      assert.equal(streams.open, 0);
    });
  }

  gateway("a stream waits for a client that does not read", endlessStream, async ({ connection, entry }) => {
    const before = streams.pieces;
    const call = await connection.request({ method: "GET", target: "/" });
    await call.head();
    await until(() => streams.waits(before));
    assert(streams.pieces - before < 1_000, `${streams.pieces - before} pieces were made`);
    connection.leave();
    assertDisconnected(await entry());
    assert.equal(streams.open, 0);
  });

  gateway("a large response to a client that left ends the request", respondLarge, async ({ connection, entry }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    await call.head();
    connection.leave();
    assertDisconnected(await entry());
  });

  gateway("a large response to a client that reads is served", respondLarge, async ({ connection, entry }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    assert.equal((await readAll(call)).length, 50 * megabyte);
    assert.deepEqual((await entry()).outcome, { kind: "served" });
  });

  gateway("requests that are sent without waiting are answered in their order", respondTarget, async ({ connection, entry }) => {
    // The first one takes the longest.
    const targets = ["/30", "/10", "/0"];
    const calls = await Promise.all(targets.map((target) => connection.request({ method: "GET", target })));
    for (const [index, call] of calls.entries()) assert.equal(await readAll(call), targets[index]);
    for (let i = 0; i < 3; i++) assert.deepEqual((await entry()).outcome, { kind: "served" });
  });

  gateway("requests that were sent without waiting are all cancelled if the client leaves", parked.wait, async ({ connection, entry }) => {
    for (let i = 0; i < 3; i++) {
      await connection.request({ method: "GET", target: `/${i}` });
      await parked.entered();
    }
    connection.leave();
    for (let i = 0; i < 3; i++) assertDisconnected(await entry());
  });

  gateway("HEAD, 204 and 304 have no body, and the connection goes on", respondStatus, async ({ connection }) => {
    const cases: [method: string, target: string, length: string | undefined][] = [
      ["HEAD", "/200", "5"],
      ["GET", "/204", undefined],
      ["GET", "/304", "5"],
      ["GET", "/205", "0"],
    ];
    for (const [method, target, length] of cases) {
      const call = await connection.request({ method, target });
      const { status, headers } = await call.head();
      assert.equal(status, Number(target === "/200" ? 200 : target.slice(1)));
      const at = headers.indexOf("Content-Length");
      assert.equal(at < 0 ? undefined : headers[at + 1], length, `${method} ${target}`);
      assert.equal(await readAll(call), "");
    }
    assert.equal(await readAll(await connection.request({ method: "GET", target: "/200" })), "Hello");
  });

  gateway("tasks that a request started end with it, after its body", startChildren, async ({ connection, entry }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    assert.equal(await readAll(call), "fed by a child");
    assert.deepEqual((await entry()).outcome, { kind: "served" });
    assert.deepEqual(children, { fed: true, cancelled: true });
  });

  gateway("tasks that a request started are cancelled with it", startChildren, async ({ connection, entry }) => {
    await connection.request({ method: "GET", target: "/wait" });
    await parked.entered();
    connection.leave();
    assertDisconnected(await entry());
    assert.deepEqual(children, { fed: false, cancelled: true });
  });

  gateway("one catch {} does not keep a request alive", swallow, async ({ connection, entry }) => {
    await connection.request({ method: "GET", target: "/" });
    await parked.entered();
    connection.leave();
    assertDisconnected(await entry());
  });

  gateway("an application that fails is answered with 500, reported once, and the connection goes on", failSomehow, async (scene) => {
    const reports = await collectReports(async () => {
      const call = await scene.connection.request({ method: "GET", target: "/before" });
      assert.equal((await call.head()).status, 500);
      assert.equal(await readAll(call), "Internal Server Error");
      const { outcome } = await scene.entry();
      assert(outcome.kind === "failed" && outcome.error instanceof Error && outcome.error.message === "before");
    });
    assert.deepEqual(reports, ["Error while serving GET /before: before"]);
  });

  gateway("an application that has answered and fails then is reported, and its answer stands", failSomehow, async (scene) => {
    const reports = await collectReports(async () => {
      const call = await scene.connection.request({ method: "GET", target: "/after" });
      assert.equal(await readAll(call), "whole");
      const { outcome, status } = await scene.entry();
      assert.deepEqual([outcome.kind, status], ["failed", 200]);
    });
    assert.deepEqual(reports, ["Error while serving GET /after: after"]);
  });

  gateway("an application that fails in the middle of its answer breaks the connection off", failSomehow, async (scene) => {
    const reports = await collectReports(async () => {
      const call = await scene.connection.request({ method: "GET", target: "/middle" });
      assert.equal(await readText(call), "half");
      demand.set();
      await assert.rejects(readAll(call));
      const { outcome } = await scene.entry();
      assert.equal(outcome.kind, "failed");
    });
    assert.deepEqual(reports, ["Error while serving GET /middle: middle"]);
  });

  gateway("an application that does not answer is answered for", () => undefined, async (scene) => {
    const reports = await collectReports(async () => {
      const call = await scene.connection.request({ method: "GET", target: "/" });
      assert.equal((await call.head()).status, 500);
      await readAll(call);
      const { outcome } = await scene.entry();
      assert(outcome.kind === "failed" && (outcome.error as Error).name === "NoResponseError");
    });
    assert.equal(reports.length, 1);
  });

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
    assert.match(refused, /^AlreadyRespondedError: Cannot respond to GET \/ as it was responded to: status is 200$/);
  });

  for (const target of ["/fewer", "/more"]) {
    gateway(`a stream with ${target.slice(1)} bytes than its length is broken off`, respondWrongLength, async (scene) => {
      await collectReports(async () => {
        const call = await scene.connection.request({ method: "GET", target });
        await assert.rejects(readAll(call));
        const { outcome } = await scene.entry();
        assert(outcome.kind === "failed" && (outcome.error as Error).name === "ContentLengthError");
      });
    });
  }

  gateway("a stream that would not be sent is closed and not begun", respondUnwanted, async ({ connection, entry }) => {
    const call = await connection.request({ method: "HEAD", target: "/" });
    assert.equal(await readAll(call), "");
    await entry();
    assert.deepEqual(unwanted, ["return"]);
  });

  gateway("onDisconnect() calls at once if the client has left already, and once", listenLate, async ({ connection, entry }) => {
    await connection.request({ method: "GET", target: "/" });
    await parked.entered();
    connection.leave();
    assertDisconnected(await entry());
    assert.deepEqual(heard, ["early", "late"]);
  });

  gateway("a request that is cancelled by somebody else is answered with 503", cancelItself, async ({ connection, entry }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    assert.equal((await call.head()).status, 503);
    await readAll(call);
    assert.deepEqual((await entry()).outcome, { kind: "cancelled", reason: "enough" });
  });

  gateway("a platform function that is aborted by the client's leaving is no failure", platformWait, async ({ connection, entry }) => {
    await connection.request({ method: "GET", target: "/" });
    await parked.entered();
    connection.leave();
    assertDisconnected(await entry());
  });

  gateway("two tasks cannot read one body at once", readTwice, async ({ connection }) => {
    const call = await connection.request({ method: "POST", target: "/", body: 5 });
    await parked.entered();
    await call.send(Buffer.from("12345"));
    assert.match(await readAll(call), /^InvalidStateError: .*another task is waiting/);
  });

  // What the views of the cases above share.

  const demand = new Event();
  const refusal = new Event();
  let refused = "";
  const children = { fed: false, cancelled: false };
  const unwanted: string[] = [];
  const heard: string[] = [];
  const streams = new Streams();

  function respondHello(exchange: Exchange): Promise<void> {
    return exchange.respond(200, plain, "Hello");
  }

  async function echo(exchange: Exchange): Promise<void> {
    const chunks: Uint8Array[] = [];
    for (let chunk = await exchange.read(); chunk; chunk = await exchange.read()) chunks.push(chunk);
    assert.equal(await exchange.read(), undefined);
    await exchange.respond(200, plain, Buffer.concat(chunks));
  }

  async function countPieces(exchange: Exchange): Promise<void> {
    let length = 0;
    for (let chunk = await exchange.read(); chunk; chunk = await exchange.read()) length += chunk.byteLength;
    await exchange.respond(200, plain, String(length));
  }

  async function streamOnDemand(exchange: Exchange): Promise<void> {
    async function* pieces(): AsyncGenerator<string> {
      for (const piece of ["one", "two"]) {
        await demand.wait();
        demand.clear();
        yield piece;
      }
      await demand.wait();
      demand.clear();
    }
    await exchange.respond(200, plain, pieces());
  }

  function endlessStream(exchange: Exchange): Promise<void> {
    return exchange.respond(200, plain, streams.endless());
  }

  function respondLarge(exchange: Exchange): Promise<void> {
    return exchange.respond(200, plain, Buffer.alloc(50 * megabyte));
  }

  async function respondTarget(exchange: Exchange): Promise<void> {
    await sleep(Number(exchange.target.slice(1)));
    await exchange.respond(200, plain, exchange.target);
  }

  function respondStatus(exchange: Exchange): Promise<void> {
    return exchange.respond(Number(exchange.target.slice(1)), plain, "Hello");
  }

  async function startChildren(exchange: Exchange): Promise<void> {
    Object.assign(children, { fed: false, cancelled: false });
    createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(1);
        children.cancelled = true;
      }
    });
    if (exchange.target === "/wait") await parked.wait(exchange);
    const fed = new Event();
    createTask(async () => {
      await sleep(5);
      children.fed = true;
      fed.set();
    });
    await exchange.respond(200, plain, (async function* () {
      await fed.wait();
      yield "fed by a child";
    })());
  }

  async function swallow(): Promise<void> {
    parked.enter();
    for (;;) {
      try {
        await sleep(60_000);
      } catch {
        // The first cancellation gets lost here. Those that insist end the loop below.
        for (;;) await sleep(1);
      }
    }
  }

  async function failSomehow(exchange: Exchange): Promise<void> {
    const where = exchange.target.slice(1);
    if (where === "after") await exchange.respond(200, plain, "whole");
    if (where === "middle") {
      await exchange.respond(200, plain, (async function* () {
        yield "half";
        await demand.wait();
        demand.clear();
        throw new Error(where);
      })());
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
    return exchange.respond(200, [...plain, "Content-Length", length], (async function* () {
      yield "five!";
    })());
  }

  function respondUnwanted(exchange: Exchange): Promise<void> {
    unwanted.length = 0;
    const iterator = {
      next: () => Promise.resolve({ done: true as const, value: unwanted.push("next") }),
      return: () => Promise.resolve({ done: true as const, value: unwanted.push("return") }),
    };
    return exchange.respond(200, plain, { [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<string>);
  }

  async function listenLate(exchange: Exchange): Promise<void> {
    heard.length = 0;
    exchange.onDisconnect(() => heard.push("early"));
    try {
      await parked.wait(exchange);
    } finally {
      exchange.onDisconnect(() => heard.push("late"));
    }
  }

  async function cancelItself(): Promise<void> {
    currentTask()?.cancel("enough");
    await sleep(60_000);
  }

  async function platformWait(): Promise<void> {
    const { setTimeout } = await import("node:timers/promises");
    const { currentSignal } = await import("../src/asyncio/index.ts");
    parked.enter();
    await setTimeout(60_000, undefined, { signal: currentSignal() });
  }

  async function readTwice(exchange: Exchange): Promise<void> {
    const first = createTask(() => exchange.read());
    await sleep(0);
    const error: unknown = await exchange.read().catch((caught: unknown) => caught);
    parked.enter();
    await first;
    await exchange.respond(200, plain, String(error));
  }
}

type BadAnswer = [error: string, message: RegExp, respond: (exchange: Exchange) => Promise<void>];

const badAnswers: Record<string, BadAnswer> = {
  "/line-break": ["InvalidHeaderError", /'X' as its value.*"a\\r\\nSet-Cookie: b=c"/, (it) => it.respond(200, ["X", "a\r\nSet-Cookie: b=c"])],
  "/nul": ["InvalidHeaderError", /"a\\u0000"/, (it) => it.respond(200, ["X", "a\0"])],
  "/not-latin": ["InvalidHeaderError", /"ž"/, (it) => it.respond(200, ["X", "ž"])],
  "/name": ["InvalidHeaderError", /name must be a token: current value is "X Y"/, (it) => it.respond(200, ["X Y", "a"])],
  "/empty-name": ["InvalidHeaderError", /current value is ""/, (it) => it.respond(200, ["", "a"])],
  "/no-value": ["InvalidHeaderError", /each name must have a value: current list is \["X"\]/, (it) => it.respond(200, ["X"])],
  "/framing": ["InvalidHeaderError", /as the server frames the body/, (it) => it.respond(200, ["Transfer-Encoding", "chunked"], "")],
  "/length": ["ContentLengthError", /'Content-Length' is 4: current length is 5/, (it) => it.respond(200, ["Content-Length", "4"], "five!")],
  "/bad-length": ["ContentLengthError", /'Content-Length' is -1/, (it) => it.respond(200, ["Content-Length", "-1"], "")],
  "/status-99": ["RangeError", /from 200 to 599: current value is 99/, (it) => it.respond(99, [])],
  "/status-nan": ["RangeError", /current value is NaN/, (it) => it.respond(NaN, [])],
  "/body": ["TypeError", /'body' must be a string.*current value is 7/, (it) => it.respond(200, [], 7 as unknown as string)],
};

/** A view that waits until it is told or cancelled. */
class Parked {
  cleaned = false;
  readonly #entered = new Event();
  readonly #released = new Event();

  readonly wait = async (exchange: Exchange): Promise<void> => {
    this.cleaned = false;
    this.#released.clear();
    this.enter();
    try {
      await this.#released.wait();
      await exchange.respond(200, plain, "woken");
    } finally {
      await sleep(1);
      this.cleaned = true;
    }
  };

  readonly readAndWait = async (exchange: Exchange): Promise<void> => {
    while ((await exchange.read()) !== undefined);
    await this.wait(exchange);
  };

  enter(): void {
    this.#entered.set();
  }

  release(): void {
    this.#released.set();
  }

  /** Waits until somebody has entered who was not waited for yet. */
  async entered(): Promise<void> {
    await this.#entered.wait();
    this.#entered.clear();
  }
}

/** Streams without end, counted. */
class Streams {
  open = 0;
  pieces = 0;
  #last = -1;

  async *endless(): AsyncGenerator<Uint8Array> {
    this.open++;
    try {
      for (;;) {
        this.pieces++;
        yield Buffer.alloc(65_536);
      }
    } finally {
      this.open--;
    }
  }

  /** Whether no piece was made since it was last asked. */
  waits(before: number): boolean {
    const still = this.pieces > before && this.pieces === this.#last;
    this.#last = this.pieces;
    return still;
  }
}

async function play(implementer: Implementer, app: Application, body: (scene: Scene) => Promise<void>): Promise<void> {
  const entries: AccessEntry[] = [];
  const arrived = new Event();
  await using server = await implementer.serve(app, (entry) => {
    entries.push(entry);
    arrived.set();
  });
  const connection = await server.connect();
  const entry = async (): Promise<AccessEntry> => {
    while (entries.length === 0) {
      arrived.clear();
      await arrived.wait();
    }
    return entries.shift() as AccessEntry;
  };
  try {
    await body({ server, connection, entry });
  } finally {
    connection.leave();
  }
  assert.deepEqual(entries.filter(({ outcome }) => outcome.kind === "failed"), []);
}

function assertDisconnected({ outcome }: AccessEntry): void {
  assert.equal(outcome.kind, "cancelled");
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected);
}

async function readAll(call: ContractCall): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await call.read(); chunk !== undefined; chunk = await call.read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function readText(call: ContractCall): Promise<string | undefined> {
  const chunk = await call.read();
  return chunk && Buffer.from(chunk).toString();
}

/** Gives the other side time until it has come to rest. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

async function collectReports(body: () => Promise<void>): Promise<string[]> {
  const reports: string[] = [];
  const before = setExceptionHandler(({ message, error }) => reports.push(`${message}: ${(error as Error).message}`));
  try {
    await body();
  } finally {
    setExceptionHandler(before);
  }
  return reports;
}
