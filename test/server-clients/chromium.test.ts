// A browser: what a page loads, and what becomes of it when its tab is closed.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import type { AccessEntry } from "../../src/http/index.ts";
import { until } from "../gateway-scene.ts";
import { Served } from "./_served.ts";

const executablePath = "/usr/bin/chromium";
const skip = existsSync(executablePath) ? false : "chromium is not installed";
const timeout = 60_000;
let browser: Browser | undefined;

before(async () => {
  if (skip === false) browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
after(() => browser?.close());

/** A browser without a past, which takes any certificate. */
async function openBrowser(): Promise<BrowserContext> {
  assert(browser);
  return browser.newContext({ ignoreHTTPSErrors: true });
}

const sayEvents = `new Promise((resolve, reject) => {
  const source = new EventSource("/events");
  const seen = [];
  source.onerror = () => reject(new Error("no events"));
  source.onmessage = ({ data }) => {
    if (seen.push(data) < 3) return;
    source.close();
    resolve(seen);
  };
})`;

const sayMessages = `new Promise((resolve, reject) => {
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/echo");
  const seen = [];
  socket.onerror = () => reject(new Error("no WebSocket"));
  socket.onopen = () => socket.send("é");
  socket.onmessage = ({ data }) => {
    seen.push(data);
    socket.close(3001, "bye");
  };
  socket.onclose = ({ code, wasClean }) => resolve([...seen, code, wasClean]);
})`;

for (const isSecure of [false, true]) {
  const [how, version] = isSecure ? ["by TLS", "2"] : ["in the clear", "1.1"];
  const hello = `Hello by HTTP/${version} and ${isSecure ? "https" : "http"}`;

  test(`Chromium loads a page, fetches, and hears events and messages ${how}`, { skip, timeout }, async () => {
    await using served = await Served.open({ isSecure });
    const context = await openBrowser();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));

    const response = await page.goto(`${served.url}/page`);
    assert.deepEqual([response?.status(), await page.title()], [200, "A page"]);
    assert.equal(await page.evaluate(`fetch("/").then((it) => it.text())`), hello);
    const upload = `fetch("/length", { method: "POST", body: new Uint8Array(3_000_000) }).then((it) => it.text())`;
    assert.equal(await page.evaluate(upload), "3000000 bytes");
    assert.deepEqual(await page.evaluate(sayEvents), ["1", "2", "3"]);
    assert.deepEqual(await page.evaluate(sayMessages), ["é", 3001, true]);
    assert.deepEqual(complaints, []);
    // It does not take the certificate before it is told to, and is "-" until then.
    const requests = (): AccessEntry[] => served.entries.filter(({ target }) => target !== "-");
    await until(() => requests().length === 5);
    assert.deepEqual(
      requests()
        .map(({ target, outcome }) => `${target} ${outcome.kind}`)
        .toSorted(),
      ["/ served", "/echo served", "/events cancelled", "/length served", "/page served"],
    );
    await context.close();
  });

  test(`Chromium cancels what a page has asked for when its tab is closed ${how}`, { skip, timeout }, async () => {
    // A WebSocket is closed with its tab: a view that does not receive hears of it when this is over, over HTTP/1.1.
    await using served = await Served.open({ isSecure, webSocketCloseTimeout: 1_000 });
    const context = await openBrowser();
    const [leaving, staying] = [await context.newPage(), await context.newPage()];
    for (const page of [leaving, staying]) await page.goto(`${served.url}/page`);
    const names = ["wait", "stream", "events", "socket"];
    await leaving.evaluate(`void fetch("/wait/wait"); void fetch("/stream/stream");
      new EventSource("/events/events"); new WebSocket(location.origin.replace("http", "ws") + "/wait/socket"); 0`);
    const stays = staying.evaluate(`fetch("/wait/staying").then((it) => it.text())`);
    for (const name of [...names, "staying"]) await served.stops.at(name).entered.wait();

    const earlier = served.entries.length;
    await leaving.close();
    await served.outcomes(earlier + names.length);
    assert.deepEqual(
      served.entries
        .slice(earlier)
        .map(({ target, outcome }) => `${target} ${outcome.kind}`)
        .toSorted(),
      ["/events/events cancelled", "/stream/stream cancelled", "/wait/socket cancelled", "/wait/wait cancelled"],
    );
    assert(names.every((name) => served.stops.at(name).isClean));

    served.stops.at("staying").go.set();
    assert.equal(await stays, "stayed");
    await context.close();
  });
}
