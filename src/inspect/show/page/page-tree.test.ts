// The tree and the figures in a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createTask,
  currentTask,
  gather,
  Lock,
  publishFigures,
  sleep,
  type Task,
  taskGroup,
  timeout,
} from "../../../asyncio/index.ts";
import type { Application } from "../../../http/index.ts";
import { endAfter, settle } from "../../text/_tasks.fixture.ts";
import { open, skip } from "./_open-page.fixture.ts";

test(
  "a gather that only waits is one line, which the keyboard unfolds and news leaves open",
  { skip },
  async (context) => {
    endAfter(context);
    const [task, child] = await startGather(() => sleep(60_000));
    const { page, complaints } = await open(context);
    const summary = page.locator(`#task-${task.id} > details > summary`);
    assert.match(await summary.innerText(), /^both \(\d+\)\s+gather of 2: \S+, \S+ [\d.]+ m?s$/);
    assert.equal(await page.locator(`#task-${child.id}`).isVisible(), false);
    await page.getByText("live", { exact: true }).waitFor();
    await summary.focus();
    await page.keyboard.press("Enter");
    await page.locator(`#task-${child.id}`).waitFor();
    const later = createTask(() => sleep(60_000), { name: "later" });
    await page.locator(`#task-${later.id}`).waitFor();
    assert.equal(await page.locator(`#task-${child.id}`).isVisible(), true);
    assert.deepEqual(complaints, []);
  },
);

test("a gather opens by itself when one of its tasks does more than wait", { skip }, async (context) => {
  endAfter(context);
  const [, stubborn] = await startGather(async () => {
    try {
      await sleep(60_000);
    } finally {
      await sleep(2_000);
    }
  });
  const { page } = await open(context);
  await page.getByText("live", { exact: true }).waitFor();
  assert.equal(await page.locator(`#task-${stubborn.id}`).isVisible(), false);
  stubborn.cancel("no longer needed");
  await page.locator(`#task-${stubborn.id}`).waitFor({ state: "visible" });
});

/** Starts a task that gathers two tasks; returns it and the first of the two. */
async function startGather(body: () => Promise<void>): Promise<[Task<unknown>, Task<unknown>]> {
  let child: Task<unknown> | undefined;
  const first = (): Promise<void> => {
    child = currentTask();
    return body();
  };
  const naps = [first, () => sleep(60_000)];
  const task = createTask(() => gather(naps, { returnExceptions: true }), { name: "both" });
  await settle();
  return [task, child!];
}

test("requests stand first, and the server's own tasks are one line below everything", { skip }, async (context) => {
  const { page, url } = await open(context);
  const leaving = new AbortController();
  const request = assert.rejects(fetch(`${url}/report`, { signal: leaving.signal }));
  const first = page.locator("#tree > ul > li").first();
  await first.getByText("GET /report").waitFor();
  assert.match(await page.locator("#tree > ul > li").last().innerText(), /^server: 1 task$/);
  assert.equal(await page.locator("#tree").getByText("Event server closing").isVisible(), false);
  await page.locator("#tree .server summary").click();
  await page.locator("#tree").getByText("Event server closing").waitFor();
  leaving.abort();
  await request;
});

test("a deadlock names the request that its tasks belong to", { skip }, async (context) => {
  const [left, right] = [new Lock({ name: "left" }), new Lock({ name: "right" })];
  const cross = (one: Lock, other: Lock) => () => one.with(() => sleep(10).then(() => other.acquire()));
  const app: Application = {
    handle: async (exchange) => {
      await taskGroup((group) => {
        group.createTask(cross(left, right), { name: "first" });
        group.createTask(cross(right, left), { name: "second" });
      });
      await exchange.respond(200, [], "");
    },
  };
  const { page, url } = await open(context, app);
  const leaving = new AbortController();
  const request = assert.rejects(fetch(`${url}/deadlock`, { signal: leaving.signal }));
  const deadlock = page.locator(".deadlock");
  await deadlock.waitFor();
  assert.match(
    await deadlock.innerText(),
    /GET \/deadlock › first \(\d+\) waits for Lock right [\d.]+ m?s, held by GET \/deadlock › second \(\d+\)/,
  );
  await page.locator("#tree li.stuck").getByText("stuck", { exact: true }).first().waitFor();
  leaving.abort();
  await request;
  await page.locator("#timeline li.d1:has([title='second']) svg[aria-label^='GET /deadlock › second (']").waitFor();
});

test("the time left of a limit is shown once less than ten seconds are left", { skip }, async (context) => {
  endAfter(context);
  const { page } = await open(context);
  await page.getByText("live", { exact: true }).waitFor();
  // The time begins when the browser is there, which may take its own.
  createTask(() => timeout(9_000, () => sleep(60_000)), { name: "short" });
  const task = createTask(() => timeout(14_000, () => sleep(60_000)), { name: "limited" });
  await page.locator(`#task-${task.id}`).waitFor();
  const badge = page.locator(`#task-${task.id} .limit`);
  assert.equal(await page.locator("li", { hasText: "short" }).locator(".limit").first().isVisible(), true);
  assert.equal(await badge.isVisible(), false);
  await badge.waitFor({ state: "visible" });
  assert.match(await badge.innerText(), /^9\.\d s left$|^10\.0 s left$/);
});

test("the figures of a pool are shown as they change", { skip }, async (context) => {
  const pool = { inUse: 3, statistics: () => ({ inUse: pool.inUse, idle: 2, waiting: 0, max: 10 }) };
  context.after(publishFigures("postgres 127.0.0.1/shop", pool));
  const { page } = await open(context);
  const figure = page.locator("#figures", { hasText: "postgres 127.0.0.1/shop" });
  assert.match(await figure.innerText(), /3 of 10 in use\s+2 idle\s+0 waiting/);
  await page.getByText("live", { exact: true }).waitFor();
  pool.inUse = 10;
  await figure.getByText("10 of 10 in use").waitFor();
});

for (const [what, look] of [
  ["on a phone", { viewport: { width: 360, height: 740 } }],
  ["on a wide screen in the dark", { viewport: { width: 1600, height: 900 }, colorScheme: "dark" }],
] as const) {
  test(`the page fits its window ${what}, without a word of complaint`, { skip }, async (context) => {
    endAfter(context);
    createTask(() => sleep(60_000), { name: "a-name-that-does-not-end".repeat(12) });
    context.after(publishFigures("a-pool-that-does-not-end".repeat(5), { statistics: () => ({ open: 1 }) }));
    const { page, complaints } = await open(context, undefined, look);
    await page.getByText("live", { exact: true }).waitFor();
    await page.locator("#timeline rect").first().waitFor();
    const [width, window, paper] = await page.evaluate<[number, number, string]>(
      "[document.documentElement.scrollWidth, innerWidth, getComputedStyle(document.body).backgroundColor]",
    );
    assert.equal(width, window);
    const isDark = paper.match(/\d+/g)!.every((part) => Number(part) < 60);
    assert.equal(isDark, "colorScheme" in look);
    assert.deepEqual(complaints, []);
  });
}
