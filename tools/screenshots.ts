// Takes the pictures of README and docs, in docs/images, from the real pages: the tour, the live view, `pottle pstree`.
//
//   npm run screenshots
//
// Process ids, ports and the time of day are replaced, as they differ from run to run and tell a reader nothing. The
// durations on the live view are real and differ a little: a picture is written only if it has changed by more than that.
// Delete a picture to have it written in any case.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { formatSnapshot, type Snapshot } from "pottle/inspect";
import { runProcess, type RunningProcess, startProcess } from "./_process.ts";
import { root } from "./_repository.ts";
import { difference, encodePng, type Pixels } from "./screenshots/palette-png.ts";
import { terminalPage } from "./screenshots/terminal-page.ts";

/** A way to look at a page. */
type Look = "light" | "dark" | "narrow";

const LOOKS: Readonly<Record<Look, BrowserContextOptions>> = {
  light: { viewport: { width: 1120, height: 600 }, deviceScaleFactor: 1.5, colorScheme: "light" },
  dark: { viewport: { width: 1120, height: 600 }, deviceScaleFactor: 1.5, colorScheme: "dark" },
  narrow: { viewport: { width: 390, height: 600 }, deviceScaleFactor: 2, colorScheme: "light", isMobile: true },
};

/** The addresses in the pictures. The servers listen on other ports, which Chromium is told. */
const TOUR = "127.0.0.1:5000";
const SCENE = "127.0.0.1:5001";

/** Pixels of a page, below its top, that a picture shows at most. */
const MOST = 1_150;

/** The share of its pixels by which a picture must have changed to be written again. */
const NOTICEABLE = 0.002;

/** The same for pictures with running times and moving bars. */
const NOTICEABLE_IN_MOTION = 0.01;

/** The bytes that the file of a picture may have. */
const LIMIT = 150_000;

/** What is replaced in the pictures. */
const STEADY: readonly (readonly [pattern: string, text: string])[] = [
  [String.raw`process \d+`, "process 4242"],
  [String.raw`127\.0\.0\.1:\d+ disconnected`, "127.0.0.1:52814 disconnected"],
  [String.raw`\d\d:\d\d:\d\d`, "12:00:03"],
  [" --port 0", ""],
];

/** Where the content of a page ends, with as much room below as its body has above. */
const BOTTOM = `(() => {
  const { marginTop, marginBottom } = getComputedStyle(document.body);
  return Math.ceil(document.body.getBoundingClientRect().bottom + Math.max(parseFloat(marginTop), parseFloat(marginBottom)));
})()`;

/** Replaces the ids of PostgreSQL's processes in a page as they come. */
const STEADY_PROCESS = `
  new MutationObserver(() => {
    for (const cell of document.querySelectorAll("td:first-child")) {
      if (cell.textContent !== "4243") cell.textContent = "4243";
    }
  }).observe(document, { subtree: true, childList: true });
`;

const executablePath = "/usr/bin/chromium";
const pottle = join(root, "bin", "pottle.cjs");
const looks = Object.keys(LOOKS) as Look[];
const programs: RunningProcess[] = [];

if (!existsSync(executablePath)) throw new Error(`Cannot take pictures as there is no Chromium at ${executablePath}`);
try {
  const [tour, scene] = [await serve("examples/tour"), await serve("tools/screenshots")];
  const args = [`--host-resolver-rules=MAP ${TOUR} ${tour},MAP ${SCENE} ${scene}`];
  // Chromium's own sandbox does not work for root, as in a container.
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  const browser = await chromium.launch({ executablePath, args });
  try {
    await takeScene(browser, scene);
    for (const look of looks) await takeTour(browser, look);
  } finally {
    await browser.close();
  }
} finally {
  for (const program of programs) program.signal("SIGINT");
  await Promise.all(programs.map(({ ended }) => ended));
}

/** Serves the `app.ts` of a folder, and returns the host and port that it listens on. */
async function serve(folder: string): Promise<string> {
  const cwd = join(root, folder);
  const program = startProcess(process.execPath, [pottle, "run", "app.ts", "--port", "0"], { cwd, env: { TZ: "UTC" } });
  programs.push(program);
  const [, host] = await program.printed(/http:\/\/(\S+)/);
  return host!;
}

async function takeTour(browser: Browser, look: Look): Promise<void> {
  const context = await browser.newContext(LOOKS[look]);
  const open = async (path: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`http://${TOUR}${path}`);
    return page;
  };
  await take(await open("/"), `tour-${look}`);

  const crawl = await open("/programs/web-crawl");
  await crawl.click('button[value$="/concurrent"]');
  await crawl.locator("pre", { hasText: "in flight before its first answer" }).waitFor();
  await crawl.locator("#stop:disabled").waitFor();
  await take(crawl, `web-crawl-${look}`);

  const tab = await open("/closed-tab/");
  await tab.click("#start");
  await context.addInitScript(STEADY_PROCESS);
  const watch = await open("/closed-tab/watch");
  await watch.getByText("1 running.").waitFor();
  await take(watch, `closed-tab-${look}`);
  await context.close();
}

/** Lets requests loose on the application of the live view, stops the pages at one moment, and takes them. */
async function takeScene(browser: Browser, host: string): Promise<void> {
  const pages = new Map(await Promise.all(looks.map(async (look) => [look, await openView(browser, look)] as const)));
  const leave = new AbortController();
  const request = (path: string, options: RequestInit = {}): Promise<unknown> =>
    fetch(`http://${host}${path}`, { signal: leave.signal, ...options }).catch((error: unknown) => error);
  const requests = [request("/city/lisbon")];
  await delay(600);
  requests.push(request("/report/7"));
  await delay(500);
  requests.push(request("/report/8"));
  await delay(400);
  requests.push(request("/import", { method: "POST" }));
  await delay(300);
  requests.push(request("/city/oslo", { signal: AbortSignal.timeout(900) }));
  await delay(1_400);
  requests.push(request("/city/portland"));
  await delay(550);
  const [tree] = await Promise.all([printTree(host), ...[...pages.values()].map(freeze)]);
  leave.abort();
  await Promise.all(requests);

  for (const [look, page] of pages) {
    await page.getByText("gather of 3").click();
    await page.mouse.move(0, 0);
    await take(page, `live-view-${look}`, NOTICEABLE_IN_MOTION);
    if (look === "narrow") continue;
    const terminal = await page.context().newPage();
    await terminal.setContent(terminalPage("npx pottle pstree 4242", tree));
    await take(terminal, `pstree-${look}`, NOTICEABLE_IN_MOTION);
  }
}

async function openView(browser: Browser, look: Look): Promise<Page> {
  const context = await browser.newContext({ ...LOOKS[look], reducedMotion: "reduce", timezoneId: "UTC" });
  const page = await context.newPage();
  await page.goto(`http://${SCENE}/_pottle`);
  await page.getByText("live", { exact: true }).waitFor();
  return page;
}

/** Stops a live view as it is. Its script's own names are within reach. */
async function freeze(page: Page): Promise<void> {
  await page.evaluate("{ source.close(); const at = Date.now(); Date.now = () => at; tick(); tellTime = () => {}; }");
  await page.evaluate(`{
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      for (const [pattern, text] of ${JSON.stringify(STEADY)}) {
        walker.currentNode.data = walker.currentNode.data.replaceAll(new RegExp(pattern, "g"), text);
      }
    }
  }`);
}

/** What `pottle pstree` prints of the process that serves at `host`, in colours, as on a terminal. */
async function printTree(host: string): Promise<string> {
  const { pid } = (await (await fetch(`http://${host}/_pottle/snapshot.json`)).json()) as Snapshot;
  const { code, output } = await runProcess(process.execPath, [pottle, "pstree", String(pid), "--json"]);
  if (code !== 0) throw new Error(`Cannot take pstree as it failed: ${output}`);
  const text = formatSnapshot(JSON.parse(output) as Snapshot, { colors: true });
  return STEADY.reduce((steady, [pattern, to]) => steady.replaceAll(new RegExp(pattern, "g"), to), text);
}

/** Writes a picture of a page, unless there is one that hardly differs. */
async function take(page: Page, name: string, noticeable = NOTICEABLE): Promise<void> {
  const file = join(root, "docs", "images", `${name}.png`);
  const height = Math.min(MOST, await page.evaluate<number>(BOTTOM));
  const clip = { x: 0, y: 0, width: page.viewportSize()!.width, height };
  const screenshot = await page.screenshot({ fullPage: true, clip });
  const picture = encodePng(await readPixels(page, screenshot));
  if (picture.length > LIMIT) throw new Error(`Cannot keep ${name} as it is too large: it has ${picture.length} bytes`);
  const share = existsSync(file)
    ? difference(await readPixels(page, readFileSync(file)), await readPixels(page, picture))
    : 1;
  const isWritten = share > noticeable;
  if (isWritten) writeFileSync(file, picture);
  const size = `${Math.ceil(picture.length / 1_000)} kB`;
  console.log(`${name}: ${isWritten ? "written" : "kept"}, ${(share * 100).toFixed(2)} % differ, ${size}`);
}

/** The pixels of a PNG, which Chromium reads for us. */
async function readPixels(page: Page, png: Buffer): Promise<Pixels> {
  const blank = await page.context().newPage();
  const read = `(async () => {
    const blob = await (await fetch("data:image/png;base64,${png.toString("base64")}")).blob();
    const image = await createImageBitmap(blob);
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { width, height, data } = context.getImageData(0, 0, image.width, image.height);
    const reader = new FileReader();
    await new Promise((resolve) => { reader.onload = resolve; reader.readAsDataURL(new Blob([data])); });
    return { width, height, data: reader.result.replace(/^.*,/, "") };
  })()`;
  const { width, height, data } = await blank.evaluate<{ width: number; height: number; data: string }>(read);
  await blank.close();
  return { width, height, data: Buffer.from(data, "base64") };
}
