// The page in a real browser: these tests check what a user sees, not what was sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, sleep } from "../../../asyncio/index.ts";
import { endAfter, plantDeadlock, plantLock, settle } from "../../text/_tasks.fixture.ts";
import { open, skip } from "./_open-page.fixture.ts";

test("the page shows who waits on what, held by whom, since when, and counts on", { skip }, async (context) => {
  const { name, keeper, seeker } = await plantLock(context);
  const { page, complaints } = await open(context);
  await page.getByText("live", { exact: true }).waitFor();
  const line = page.locator(`#task-${seeker.id} > p`);
  const held = new RegExp(
    `${seeker.name} \\(${seeker.id}\\)\\s+${name} ([\\d.]+) m?s, held by ${keeper.name} \\(${keeper.id}\\)`,
  );
  assert.match(await line.innerText(), held);
  const since = Number(await line.locator("time").getAttribute("data-since"));
  assert.ok(Math.abs(since - (performance.timeOrigin + seeker.waits[0]!.since)) < 100, String(since));
  const shown = await line.locator("time").innerText();
  await line.locator("time").filter({ hasNotText: shown }).waitFor();
  assert.deepEqual(complaints, []);
});

test("the page follows what happens: a task comes, another ends, a client leaves", { skip }, async (context) => {
  endAfter(context);
  const { page, url, complaints } = await open(context);
  const task = createTask(() => sleep(60_000), { name: "<b>newcomer</b>" });
  await page.locator(`#task-${task.id}`).waitFor();
  assert.match(await page.locator(`#task-${task.id}`).innerText(), /<b>newcomer<\/b>/);

  const leaving = new AbortController();
  const request = assert.rejects(fetch(`${url}/report`, { signal: leaving.signal }));
  await page.getByText("GET /report").first().waitFor();
  leaving.abort();
  await request;
  await page
    .locator("#cancellations")
    .getByText(/ClientDisconnected: Client 127\.0\.0\.1:\d+ disconnected after/)
    .waitFor();

  task.cancel("no longer needed");
  await page.locator(`#task-${task.id}`).waitFor({ state: "detached" });
  await page.locator("#cancellations").getByText("no longer needed").waitFor();
  assert.ok((await page.locator("#timeline rect.cancelled").count()) >= 2);
  assert.doesNotMatch(await page.locator("#tree").innerText(), /_pottle/);
  assert.deepEqual(complaints, []);
});

test("the page shows a deadlock, and keeps what is selected when something else changes", { skip }, async (context) => {
  await plantDeadlock(context);
  const { page } = await open(context);
  const deadlock = page.locator(".deadlock");
  assert.match(await deadlock.innerText(), /left \(\d+\) waits for Lock two [\d.]+ m?s, held by right \(\d+\)/);
  assert.match(await deadlock.innerText(), /right \(\d+\) waits for Lock one [\d.]+ m?s, held by left \(\d+\)/);
  await page.getByText("live", { exact: true }).waitFor();
  await page.evaluate('getSelection().selectAllChildren(document.querySelector(".deadlock a"))');
  const task = createTask(() => sleep(60_000));
  await page.locator(`#task-${task.id}`).waitFor();
  assert.match(String(await page.evaluate("getSelection().toString()")), /^left \(\d+\)$/);
});

test("the page draws tasks beside each other over time", { skip }, async (context) => {
  endAfter(context);
  const { page } = await open(context);
  for (const name of ["one", "two"]) createTask(() => sleep(60_000), { name });
  await settle();
  // Both in one step of the page: it may draw them anew, further to the left, between two.
  const measure = (): Promise<unknown> =>
    page.evaluate(`(() => {
    const bars = ["one", "two"].map((name) =>
      document.querySelector('#timeline li:has([title="' + name + '"]) rect.wait')?.getBoundingClientRect(),
    );
    return bars.every((bar) => bar?.width > 0) && bars.map((bar) => bar.x);
  })()`);
  let measured = await measure();
  for (; measured === false; measured = await measure()) await sleep(20);
  const [one, two] = measured as [number, number];
  assert.ok(Math.abs(one - two) < 5, `${one} and ${two}`);
});
