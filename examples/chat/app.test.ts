import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test, type TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";
import { WebSocket } from "ws";
import { pottle, Program } from "../_program.ts";
import { noChromium, startChromium } from "../tour/_chromium.ts";

const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
const skip = hasRedis ? false : "skipped: no redis-server";

/** Starts a Redis on a Unix socket. */
async function startRedis(folder: string): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const url = join(folder, "redis.sock");
  const args = ["--port", "0", "--unixsocket", url, "--save", "", "--dir", folder];
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.setEncoding("utf8");
  for await (const text of child.stdout) if (/ready to accept connections/i.test(String(text))) break;
  return { url, child };
}

const folder = mkdtempSync(join(tmpdir(), "pottle-chat-"));
const redis = hasRedis ? await startRedis(folder) : undefined;
after(() => {
  redis?.child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
const program = redis === undefined ? undefined : startProgram(redis.url);
const [url = ""] = (await program?.printed(/http:\/\/[\w.:]+/)) ?? [];

function startProgram(REDIS_URL: string): Program {
  const args = [pottle, "run", join(import.meta.dirname, "app.ts"), "--port", "0", "--workers", "2"];
  return new Program({ after }, args, { env: { REDIS_URL } });
}

/** A client that is in a room, and the process of its worker. */
interface Client {
  readonly name: string;
  readonly process: number;
  readonly socket: WebSocket;
}

function enter(context: TestContext, room: string, name: string): Promise<Client> {
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  const socket = new WebSocket(`${url.replace("http", "ws")}/rooms/${room}?name=${name}`);
  let worker = 0;
  socket.on("upgrade", ({ headers }) => (worker = Number(headers["x-process"])));
  socket.on("open", () => resolve({ name, process: worker, socket }));
  socket.on("error", reject);
  context.after(() => socket.terminate());
  return promise;
}

/** Enters until there are two clients of two workers: the system chooses the worker of each connection. */
async function enterBoth(context: TestContext, room: string): Promise<readonly [Client, Client]> {
  const first = await enter(context, room, "first");
  for (let i = 0; i < 200; i++) {
    const others = await Promise.all([1, 2, 3, 4].map((n) => enter(context, room, `other-${i}-${n}`)));
    const second = others.find((one) => one.process !== first.process);
    for (const other of others) if (other !== second) other.socket.close();
    if (second !== undefined) return [first, second];
  }
  throw new Error("Cannot test two workers as all connections have gone to one");
}

/** Waits until those in a room are the ones wanted. A worker that is killed takes its streams of events with it. */
async function untilNames(room: string, isWanted: (names: readonly string[]) => boolean): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  while (!signal.aborted) {
    try {
      const { body } = await fetch(`${url}/rooms/${room}/names`, { signal });
      for await (const text of body!.pipeThrough(new TextDecoderStream())) {
        for (const [, data] of text.matchAll(/^data: (.*)$/gm)) if (isWanted(JSON.parse(data!) as string[])) return;
      }
    } catch (error) {
      if (signal.aborted) throw error;
    }
  }
  throw signal.reason;
}

const timeout = 60_000;

describe("the chat", { skip }, () => {
  test("two windows talk, and see each other come and go", { skip: noChromium, timeout }, async () => {
    await using browser: Browser = await startChromium();
    const open = async (name: string): Promise<Page> => {
      const page = await browser.newPage();
      await page.goto(url);
      await page.fill("[name=name]", name);
      await page.click("text=Enter");
      await page.waitForSelector("#say:not([hidden])");
      return page;
    };
    const blank = await browser.newPage();
    await blank.goto(url);
    await blank.fill("[name=name]", "  ");
    await blank.click("text=Enter");
    await blank.getByText("A name is not only blanks.").waitFor();
    const ada = await open("Ada");
    const ben = await open("Ben <b>");
    await ada.waitForFunction(`document.querySelector("output").value === "Ada, Ben <b>"`);
    await ben.fill("[name=text]", "hello <i>you</i>");
    await ben.click("text=Say");
    await ada.waitForSelector("li");
    assert.equal(await ada.textContent("li"), "Ben <b>: hello <i>you</i>");
    await ben.waitForSelector("li");
    await ben.close();
    await ada.waitForFunction(`document.querySelector("output").value === "Ada"`);
  });

  test("clients of two workers talk with each other", { timeout }, async (context) => {
    const [first, second] = await enterBoth(context, "two");
    await untilNames("two", (names) => names.join() === ["first", second.name].toSorted().join());
    const heard = [first, second].map(({ socket }) => once(socket, "message"));
    second.socket.send("hello");
    for (const [data] of await Promise.all(heard)) {
      assert.deepEqual(JSON.parse(String(data)), { name: second.name, text: "hello" });
    }
  });

  test("the names of a worker that is killed expire, and those of the others stay", { timeout }, async (context) => {
    const [first, second] = await enterBoth(context, "killed");
    await untilNames("killed", (names) => names.length === 2);
    const closed = once(second.socket, "close");
    process.kill(second.process, "SIGKILL");
    await closed;
    await untilNames("killed", (names) => names.join() === "first");
    // Its replacement serves.
    await program!.printed(/Worker \d \(pid \d+\) listens/);
    const heard = once(first.socket, "message");
    const third = await enter(context, "killed", "third");
    third.socket.send("still here?");
    assert.match(String(await heard), /still here/);
  });

  test("a page of another site is refused, and so is a bad name", { timeout: 60_000 }, async () => {
    const statusOf = async (name: string, origin: string): Promise<number> => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const headers = {
        Connection: "Upgrade",
        Upgrade: "websocket",
        Origin: origin,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      };
      const call = request(`${url}/rooms/lobby?name=${name}`, { headers });
      call.on("response", (response) => resolve(response.resume().statusCode ?? 0));
      call.on("upgrade", (_, socket) => {
        socket.destroy();
        resolve(101);
      });
      call.end();
      return promise;
    };
    assert.equal(await statusOf("Eve", "https://evil.example"), 403);
    assert.equal(await statusOf("", url), 400);
    assert.equal(await statusOf("Eve", url), 101);
  });
});
