// The timeline in a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { createTask, sleep } from "../../../asyncio/index.ts";
import { endAfter, settle } from "../../text/_tasks.fixture.ts";
import { open, skip } from "./_open-page.fixture.ts";

/** The row of the tasks of one name. */
function row(page: Page, name: string): Locator {
  return page.locator(`#timeline li:has([title="${name}"])`);
}

/** The length of the window, in milliseconds. */
async function windowOf(page: Page): Promise<number> {
  return Number((await page.locator("#timeline svg").first().getAttribute("viewBox"))!.split(" ")[2]);
}

test(
  "the window of the timeline is five seconds long at first, and grows with what happens",
  { skip },
  async (context) => {
    endAfter(context);
    const { page, complaints } = await open(context);
    createTask(() => sleep(60_000), { name: "newcomer" });
    await row(page, "newcomer").waitFor();
    await page.locator("#grid text", { hasText: "−1 s" }).waitFor();
    await page.locator("#grid text", { hasText: "now" }).waitFor();
    const before = await windowOf(page);
    assert.ok(before >= 4_900, String(before));
    while ((await windowOf(page)) < before + 300) await sleep(50);
    assert.deepEqual(complaints, []);
  },
);

test(
  "a bar that is pointed at tells its task, what it waited for and for how long, and why it was cancelled",
  { skip },
  async (context) => {
    endAfter(context);
    const { page } = await open(context);
    const stubborn = async (): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(300);
      }
    };
    const doomed = createTask(stubborn, { name: "doomed" });
    await pointAt(page, "doomed", "wait");
    const tip = page.locator("#tip");
    await tip.waitFor();
    assert.match(
      await tip.innerText(),
      new RegExp(`doomed \\(${doomed.id}\\)\\s+waits for sleep, [\\d.]+ m?s\\s+from `),
    );
    doomed.cancel("no longer needed");
    await pointAt(page, "doomed", "cancelled");
    await tip.getByText(/^was cancelled, and ended after 3\d\d ms$/).waitFor();
    await tip.getByText("no longer needed").waitFor();
    await page.mouse.move(1, 1);
    await tip.waitFor({ state: "hidden" });
  },
);

// The timeline moves all the time, so playwright's own hover would wait in vain for it to stand still.
async function pointAt(page: Page, name: string, state: string): Promise<void> {
  await row(page, name).locator(`rect.${state}`).waitFor();
  const [x, y] = await page.evaluate<[number, number]>(`(() => {
    const bar = document.querySelector('#timeline li:has([title="${name}"]) rect.${state}');
    bar.ownerSVGElement.scrollIntoView({ block: "center" });
    const [box, lane] = [bar.getBoundingClientRect(), bar.ownerSVGElement.getBoundingClientRect()];
    return [(Math.max(box.left, lane.left) + Math.min(box.right, lane.right)) / 2, (box.top + box.bottom) / 2];
  })()`);
  await page.mouse.move(x, y);
}

test(
  "the bars of the timeline are reached by the keyboard: one by tab, the others by the arrows",
  { skip },
  async (context) => {
    endAfter(context);
    const { page, complaints } = await open(context);
    for (const name of ["upper", "lower"]) createTask(() => sleep(60_000), { name });
    await settle();
    await row(page, "lower").locator("rect").first().waitFor();
    const focused = (): Promise<string> => page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''");
    await page.locator("#timeline rect[tabindex='0']").focus();
    await page.keyboard.press("Home");
    for (let i = 0; i < 60 && !(await focused()).startsWith("upper"); i++) await page.keyboard.press("ArrowDown");
    assert.match(await focused(), /^upper \(\d+\); (?:ran|waits|waited)/);
    await page.keyboard.press("ArrowDown");
    assert.match(await focused(), /^lower \(\d+\); /);
    assert.match(await page.locator("#tip").innerText(), /^lower \(\d+\)/);
    // New data must not move the focus.
    const task = createTask(() => sleep(60_000), { name: "news" });
    await page.locator(`#task-${task.id}`).waitFor();
    assert.match(await focused(), /^lower \(\d+\); /);
    await page.keyboard.press("Escape");
    await page.locator("#tip").waitFor({ state: "hidden" });
    assert.equal(await page.locator("#timeline rect[tabindex]").count(), 1);
    assert.deepEqual(complaints, []);
  },
);
