import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, connect as dial, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test, type TestContext } from "node:test";
import { chromium, type Browser, type Page } from "playwright-core";
import { connect, startPostgres } from "pottle/postgres";
import { pottle, Program } from "../_program.ts";

const executablePath = "/usr/bin/chromium";
const noChromium = existsSync(executablePath) ? false : "skipped: no chromium";

const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "pottle-closed-tab-"));
chmodSync(folder, 0o755);
const server = await startPostgres({ folder });
const observer = await connect(server.url);
after(async () => {
  await observer.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The processes of the server that sleep, by its own word. */
async function sleepers(): Promise<number[]> {
  const rows = await observer.sql<{ pid: number }>`
    select pid from pg_stat_activity
    where state = 'active' and query like 'select pg_sleep%' and pid <> pg_backend_pid()`;
  return rows.map(({ pid }) => pid);
}

async function untilSleeping(count: number): Promise<number[]> {
  const limit = performance.now() + 10_000;
  for (let pids = await sleepers(); ; pids = await sleepers()) {
    if (pids.length === count) return pids;
    assert.ok(performance.now() < limit, `${pids.length} queries are running instead of ${count}`);
  }
}

async function serve(): Promise<[Program, string]> {
  const file = join(import.meta.dirname, "app.ts");
  const program = new Program({ after }, [pottle, "run", file, "--port", "0"], { env: { DATABASE_URL: server.url } });
  const [url] = await program.printed(/http:\/\/[\w.:]+/);
  return [program, url];
}

/** Has `leave` make the client leave; gives how long its query was still running after that, in milliseconds. */
async function timeToEnd(leave: () => void): Promise<number> {
  const start = performance.now();
  leave();
  await untilSleeping(0);
  return performance.now() - start;
}

async function nextPid(url: string): Promise<unknown> {
  return (await fetch(`${url}/pid`)).json();
}

describe("closed-tab", () => {
  const serving = serve();

  test("a client that leaves ends its query on the server, and the same process serves the next", async (context) => {
    const [program, url] = await serving;
    const leave = new AbortController();
    const refused = assert.rejects(fetch(`${url}/sleep`, { signal: leave.signal }), { name: "AbortError" });
    const [pid] = await untilSleeping(1);
    const ms = await timeToEnd(() => leave.abort());
    await refused;
    context.diagnostic(`${ms.toFixed(1)} ms after the client had left, nothing was running`);
    assert.ok(ms < 1_000, `${ms} ms`);
    await program.printed(/GET \/sleep - .* cancelled: Client .* disconnected/);
    assert.deepEqual(await nextPid(url), [{ pid }]);
  });

  test("GET /activity shows the queries of others, again and again", async () => {
    const [, url] = await serving;
    const leave = new AbortController();
    const sleeping = fetch(`${url}/sleep`, { signal: leave.signal }).catch(() => undefined);
    const [pid] = await untilSleeping(1);
    const { body } = await fetch(`${url}/activity`, { signal: leave.signal });
    let text = "";
    for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (text.split("\n\n").length > 3) break;
    }
    leave.abort();
    await sleeping;
    await untilSleeping(0);
    const queries = JSON.parse(/^data: (.*)/.exec(text)?.[1] ?? "[]") as readonly { pid: number; query: string }[];
    assert.ok(
      queries.some((query) => query.pid === pid && query.query.startsWith("select pg_sleep(30)")),
      text,
    );
  });
});

/** Stands between the browser and the app, and notes when the browser closes a connection. */
async function watchConnections(url: string, closes: number[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const proxy = createServer((socket) => {
    const onward = dial(Number(port), hostname);
    socket.on("error", () => {}).pipe(onward);
    onward.on("error", () => {}).pipe(socket);
    socket.once("end", () => closes.push(performance.now()));
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  after(() => void proxy.close());
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

describe("closed-tab in Chromium", { skip: noChromium }, () => {
  const closes: number[] = [];
  const starting = serve();
  const serving = starting.then(([, url]) => watchConnections(url, closes));
  let browser: Browser | undefined;

  async function open(context: TestContext, path: string): Promise<Page> {
    const url = await serving;
    // Chromium's own sandbox does not work for root, as in a container.
    browser ??= await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
    const page = await browser.newPage();
    context.after(() => page.close());
    await page.goto(url + path);
    return page;
  }

  after(() => browser?.close());

  test("closing the tab ends its query on the server, and the same process serves the next", async (context) => {
    const figures: number[] = [];
    const [program] = await starting;
    for (let i = 0; i < 5; i++) {
      const page = await open(context, "/");
      await page.click("#start");
      const [pid] = await untilSleeping(1);
      closes.length = 0;
      const printed = program.output.length;
      const start = performance.now();
      const ms = await timeToEnd(() => void page.close());
      figures.push(start + ms - closes[0]!);
      context.diagnostic(
        `nothing was running ${ms.toFixed(0)} ms after the tab was told to close, ${figures.at(-1)!.toFixed(0)} ms after the browser had closed its connection`,
      );
      // The server knows before the app does: only when the request is over, its connection serves the next.
      await program.printed(/GET \/sleep - .* cancelled: Client .* disconnected/, printed);
      assert.deepEqual(await nextPid(await serving), [{ pid }]);
    }
    assert.ok(Math.min(...figures) < 500);
  });

  test("the page next to it shows the query while it runs, and that it has ended", async (context) => {
    const watching = await open(context, "/watch");
    await watching.getByText("Nothing is running.").waitFor();
    const page = await open(context, "/");
    await page.click("#start");
    await page.getByText("running …").waitFor();
    const [pid] = await untilSleeping(1);
    const row = watching.locator("#activity tr", { hasText: String(pid) });
    await row.getByText("select pg_sleep(30)").waitFor();
    await row.getByText("PgSleep").waitFor();
    await page.close();
    await watching.getByText("Nothing is running.").waitFor();
  });

  test("closing one of two tabs ends only its own query", async (context) => {
    const [one, other] = [await open(context, "/"), await open(context, "/")];
    await one.click("#start");
    const [first] = await untilSleeping(1);
    await other.click("#start");
    const both = await untilSleeping(2);
    await one.close();
    assert.deepEqual(
      await untilSleeping(1),
      both.filter((pid) => pid !== first),
    );
    await other.close();
    await untilSleeping(0);
  });
});
