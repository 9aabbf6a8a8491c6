import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
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
// Two programs of one worker each, so that it is known which client is with which.
const programs = redis === undefined ? [] : [startProgram(redis.url), startProgram(redis.url)];
const urls = await Promise.all(programs.map(async (program) => (await program.printed(/http:\/\/[\w.:]+/))[0]));
after(async () => {
  for (const program of programs) await program.stop();
  redis?.child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function startProgram(url: string): Program {
  const args = [pottle, "run", join(import.meta.dirname, "app.ts"), "--port", "0"];
  return new Program({ after }, args, { env: { REDIS_URL: url } });
}

describe("the chat", { skip }, () => {
  test(
    "two windows talk across two workers, and see each other come and go",
    { skip: noChromium, timeout: 60_000 },
    async () => {
      await using browser: Browser = await startChromium();
      const open = async (url = "", name = ""): Promise<Page> => {
        const page = await browser.newPage();
        await page.goto(url);
        await page.fill("[name=name]", name);
        await page.click("text=Enter");
        await page.waitForSelector("#say:not([hidden])");
        return page;
      };
      const ada = await open(urls[0], "Ada");
      const ben = await open(urls[1], "Ben <b>");
      await ada.waitForFunction(`document.querySelector("output").value === "Ada, Ben <b>"`);
      await ben.fill("[name=text]", "hello <i>you</i>");
      await ben.click("text=Say");
      await ada.waitForSelector("li");
      assert.equal(await ada.textContent("li"), "Ben <b>: hello <i>you</i>");
      await ben.waitForSelector("li");
      await ben.close();
      await ada.waitForFunction(`document.querySelector("output").value === "Ada"`);
    },
  );

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
      const call = request(`${urls[0]}/rooms/lobby?name=${name}`, { headers });
      call.on("response", (response) => resolve(response.resume().statusCode ?? 0));
      call.on("upgrade", (_, socket) => {
        socket.destroy();
        resolve(101);
      });
      call.end();
      return promise;
    };
    assert.equal(await statusOf("Eve", "https://evil.example"), 403);
    assert.equal(await statusOf("", urls[0] ?? ""), 400);
    assert.equal(await statusOf("Eve", urls[0] ?? ""), 101);
  });
});
