import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createTask, currentTask, gather, moveOnAfter, outside, sleep } from "../../asyncio/index.ts";
import {
  type Application,
  MemoryExchange,
  MemoryWebSocket,
  type Peer,
  serveExchange,
  serveWebSocketConnection,
} from "../../http/index.ts";
import { enableDevelopment, Pottle } from "../../web/index.ts";
import { endAfter, plantDeadlock, plantLock, settle } from "../text/_tasks.fixture.ts";
import { excludeTask } from "../record/excluded-tasks.ts";
import { liveView } from "./live-view.ts";
import { currentHistory } from "../record/recording.ts";
import type { Snapshot } from "../record/snapshot.ts";
import { withLiveView } from "./with-live-view.ts";

const hello: Application = { handle: (exchange) => exchange.respond(200, [], "hello") };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly peer?: Peer;
}

/** Sends a request for a path to an application, as the given client. */
async function ask(
  app: Application,
  target: string,
  { method = "GET", headers = [], peer }: Asked = {},
): Promise<Answer> {
  const exchange = new MemoryExchange({ method, target, rawHeaders: headers, ...(peer && { peer }) });
  exchange.upload.end();
  const request = serveExchange(app, exchange);
  const head = await exchange.head();
  const pieces: Uint8Array[] = [];
  for (let piece = await exchange.download.read(); piece !== undefined; piece = await exchange.download.read())
    pieces.push(piece);
  await request;
  const pairs = Object.fromEntries(
    head.headers.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), head.headers[i + 1] ?? ""]] : [])),
  );
  return { status: head.status, headers: pairs, text: Buffer.concat(pieces).toString() };
}

function inDevelopment(context: TestContext): void {
  context.after(enableDevelopment());
}

// This must be the first test, because the first snapshot starts the recording for a while.
test("liveView() is refused outside development, unless it is allowed", async () => {
  const refused = await ask(withLiveView(hello), "/_pottle");
  assert.equal(refused.status, 403);
  assert.match(refused.text, /in development only/);
  assert.equal(currentHistory(), undefined);
  assert.equal((await ask(withLiveView(hello, { allow: true }), "/_pottle")).status, 200);
  assert.notEqual(currentHistory(), undefined);
});

test("liveView() answers with the page, the tree as text and the snapshot as JSON", async (context) => {
  inDevelopment(context);
  const { name, keeper, seeker } = await plantLock(context);
  const app = withLiveView(hello);
  const page = await ask(app, "/_pottle");
  assert.equal(page.status, 200);
  assert.match(page.headers["content-type"]!, /^text\/html/);
  assert.ok(page.text.includes(`${seeker.name} (${seeker.id})`) && page.text.includes(name));
  assert.match((await ask(app, "/_pottle/tree.txt")).text, new RegExp(`${name}, \\d+ ms, held by ${keeper.name}`));
  const snapshot = JSON.parse((await ask(app, "/_pottle/snapshot.json")).text) as Snapshot;
  const found = snapshot.root.tasks.find(({ id }) => id === seeker.id);
  assert.deepEqual(found!.waits[0]!.heldBy, { id: keeper.id, name: keeper.name });
  assert.equal(found!.waits[0]!.resource, name);
});

test("liveView() shows a deadlock on the page", async (context) => {
  inDevelopment(context);
  await plantDeadlock(context);
  const { text } = await ask(withLiveView(hello), "/_pottle/");
  assert.match(
    text.replaceAll(/<[^>]*>|\s+/g, " ").replaceAll(/\s+/g, " "),
    /Deadlock left \(\d+\) waits for Lock two \d+ ms ?, held by right/,
  );
});

test("liveView() shows neither its own requests nor what they start, unless it is asked to", async (context) => {
  inDevelopment(context);
  const app = withLiveView(hello);
  await ask(app, "/_pottle");
  assert.doesNotMatch((await ask(app, "/_pottle/tree.txt")).text, /GET/);
  assert.match((await ask(app, "/_pottle/tree.txt?own")).text, /GET \/_pottle\/tree\.txt/);
  assert.deepEqual(
    currentHistory()!
      .tracks()
      .filter(({ name, end }) => name.startsWith("GET") && !name.endsWith("tree.txt") && end !== undefined),
    [],
  );
});

test("liveView() escapes whatever a name may have in it", async (context) => {
  inDevelopment(context);
  endAfter(context);
  createTask(() => sleep(60_000), { name: `</script><script>alert("1")</script><img src=x onerror='alert(2)'>` });
  await settle();
  const { text, headers } = await ask(withLiveView(hello), "/_pottle");
  assert.doesNotMatch(text, /<script>alert|<img/);
  const nonce = /script-src 'nonce-([^']+)'/.exec(headers["content-security-policy"]!)?.[1];
  assert.equal(text.match(/<script/g)!.length, 1);
  assert.ok(text.includes(`<script nonce="${nonce!.replaceAll("+", "+")}">`));
  assert.match(headers["content-security-policy"]!, /^default-src 'none'; /);
});

const far: Peer = { address: "192.0.2.7", port: 1 };

for (const [what, asked, options, status] of [
  ["a program on the same machine", {}, {}, 200],
  ["IPv6 on the same machine", { peer: { address: "::1", port: 1 } }, {}, 200],
  ["IPv4 in IPv6 on the same machine", { peer: { address: "::ffff:127.0.0.1", port: 1 } }, {}, 200],
  ["another machine", { peer: far }, {}, 403],
  ["IPv4 in IPv6 of another machine", { peer: { address: "::ffff:192.0.2.7", port: 1 } }, {}, 403],
  ["another machine that is let in", { peer: far }, { allowRemote: true }, 200],
  ["a proxy here", { headers: ["X-Forwarded-For", "192.0.2.7"] }, {}, 403],
  ["a proxy here that says less", { headers: ["Via", "1.1 nginx"] }, {}, 403],
  ["a proxy here that says least", { headers: ["X-Forwarded-Proto", "https"] }, {}, 403],
  ["localhost", { headers: ["Host", "localhost:5000"] }, {}, 200],
  ["an address", { headers: ["Host", "[::1]:5000"] }, {}, 200],
  ["a name that was made to lead here", { headers: ["Host", "evil.example:5000"] }, {}, 403],
  ["a name that begins like one of ours", { headers: ["Host", "localhost.evil.example"] }, {}, 403],
  ["a name that ends like an address", { headers: ["Host", "127.0.0.1.evil.example"] }, {}, 403],
  ["a name that is let in", { headers: ["Host", "Dev.Example"] }, { hosts: ["dev.example"] }, 200],
  ["an image on another site", { headers: ["Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"] }, {}, 403],
  ["a link on another site", { headers: ["Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"] }, {}, 200],
  ["its own page", { headers: ["Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"] }, {}, 200],
] as const) {
  test(`liveView() answers ${what} with ${status}`, async (context) => {
    inDevelopment(context);
    const answer = await ask(withLiveView(hello, options), "/_pottle/tree.txt", asked);
    assert.equal(answer.status, status, answer.text);
    if (status === 403) assert.match(answer.text, /^The live view is (?:shown|not shown) /);
  });
}

test("liveView() has no other pages, and takes no other methods", async (context) => {
  inDevelopment(context);
  const app = withLiveView(hello);
  for (const path of ["/_pottle/constructor", "/_pottle//", "/_pottle/../x"])
    assert.equal((await ask(app, path)).status, 404);
  const post = await ask(app, "/_pottle", { method: "POST" });
  assert.deepEqual([post.status, post.headers["allow"]], [405, "GET, HEAD"]);
  assert.equal((await ask(app, "/_pottle", { method: "HEAD" })).text, "");
});

test("withLiveView() leaves every other path to the application", async (context) => {
  inDevelopment(context);
  const echo: Application = { handle: (exchange) => exchange.respond(200, [], exchange.target) };
  const app = withLiveView(echo);
  for (const path of ["/", "/_pottles", "/x/_pottle", "/_pottle.txt", "*"])
    assert.equal((await ask(app, path)).text, path);
});

test("withLiveView() starts and stops the application", async (context) => {
  inDevelopment(context);
  const calls: string[] = [];
  const app = new Pottle();
  app.onStart(() => void calls.push("start"));
  app.onStop(() => void calls.push("stop"));
  const view = withLiveView(app);
  await view.lifespan!.start();
  assert.notEqual(currentHistory(), undefined);
  await view.lifespan!.stop();
  assert.deepEqual(calls, ["start", "stop"]);
});

test("liveView() can be mounted in an application, and its page finds its events there", async (context) => {
  inDevelopment(context);
  const app = new Pottle();
  app.mount("/inner/_pottle", liveView());
  const { text, status } = await ask(app, "/inner/_pottle/");
  assert.equal(status, 200);
  assert.match(text, /data-events="\/inner\/_pottle\/events"/);
});

/** Runs a test outside the tasks that the view shows, so that its own waits are not in the view. */
function unseen(body: (context: TestContext) => Promise<void>): (context: TestContext) => Promise<void> {
  return (context) =>
    createTask(() => {
      excludeTask(currentTask()!);
      currentHistory()?.forget(currentTask()!);
      return body(context);
    });
}

/** Starts a task that does not belong to the task that starts it. */
function start(name: string): void {
  void outside(createTask, () => sleep(60_000), { name });
}

/** Opens the event stream; returns a function that reads the next event, and one that disconnects. */
async function watch(
  app: Application,
): Promise<{ next: () => Promise<Record<string, string>>; exchange: MemoryExchange; over: Promise<unknown> }> {
  const exchange = new MemoryExchange({ target: "/_pottle/events", bufferSize: 1_000 });
  exchange.upload.end();
  const request = serveExchange(app, exchange);
  assert.equal((await exchange.head()).status, 200);
  let text = "";
  const next = async (): Promise<Record<string, string>> => {
    for (;;) {
      const [, data, rest] = /^[^]*?data: (.*)\n\n([^]*)$/.exec(text) ?? [];
      if (data !== undefined) {
        text = rest!;
        return (JSON.parse(data) as { parts: Record<string, string> }).parts;
      }
      text += Buffer.from((await exchange.download.read())!).toString();
    }
  };
  return { next, exchange, over: Promise.allSettled([request]) };
}

test(
  "the events of liveView() tell what has changed, and nothing while nothing does",
  unseen(async (context) => {
    inDevelopment(context);
    endAfter(context);
    start("resident");
    await settle();
    const { next, exchange, over } = await watch(withLiveView(hello));
    assert.deepEqual(Object.keys(await next()), [
      "counts",
      "figures",
      "deadlocks",
      "tree",
      "cancellations",
      "timeline",
    ]);
    assert.equal(await moveOnAfter(700, next), undefined);
    start("newcomer");
    const parts = await next();
    assert.deepEqual(Object.keys(parts), ["counts", "tree", "timeline"]);
    assert.match(parts["tree"]!, /newcomer/);
    exchange.disconnect();
    await over;
  }),
);

test(
  "the events of liveView() do not pile up for a slow reader, and end when it leaves",
  unseen(async (context) => {
    inDevelopment(context);
    endAfter(context);
    const { next, exchange, over } = await watch(withLiveView(hello));
    await next();
    for (let i = 0; i < 6; i++) {
      start(`busy ${i}`);
      await sleep(300);
    }
    // Of six changes, one was sent when there was room, and another one waits.
    const sent = exchange.bytesSent;
    const parts = [await next(), await next(), await moveOnAfter(400, next), await moveOnAfter(400, next)];
    assert.match(parts.findLast((part) => part?.["tree"] !== undefined)!["tree"]!, /busy 5/);
    assert.ok(sent < 40_000, String(sent));
    exchange.disconnect();
    await over;
    const before = exchange.bytesSent;
    await sleep(300);
    assert.equal(exchange.bytesSent, before);
  }),
);

test("the page of liveView() stays small with ten thousand tasks", async (context) => {
  inDevelopment(context);
  endAfter(context);
  const naps = Array.from({ length: 5_000 }, () => () => sleep(60_000));
  createTask(() => gather(...naps), { name: "all at once" });
  for (let i = 0; i < 5_000; i++) createTask(() => sleep(60_000), { name: `worker ${i}` });
  await settle();
  const app = withLiveView(hello);
  const before = performance.now();
  const { text } = await ask(app, "/_pottle");
  assert.ok(performance.now() - before < 5_000);
  assert.ok(text.length < 200_000, String(text.length));
  assert.match(text, /gather of 5,000: /);
});

test("withLiveView() passes WebSockets to an application that takes them, except to its own pages", async (context) => {
  inDevelopment(context);
  assert.ok(withLiveView(hello).websocket === undefined);
  const app = withLiveView({
    ...hello,
    async websocket(connection) {
      await connection.accept();
      await connection.send(connection.target);
    },
  });
  const statusOf = async (target: string, receives: boolean): Promise<unknown> => {
    const socket = new MemoryWebSocket({ target });
    const task = serveWebSocketConnection(app, socket.connection);
    const answer = receives ? await socket.receive() : (await socket.head()).status;
    socket.download.discard();
    await task;
    return answer;
  };
  assert.equal(await statusOf("/_pottles", true), "/_pottles");
  assert.equal(await statusOf("/_pottle/constructor", false), 404);
  assert.equal(await statusOf("/_pottle/tree.txt", false), 200);
});
