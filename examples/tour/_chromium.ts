// For the tests of the tour: a real browser.
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** Why the tests with a browser cannot be run here; `false` if they can. */
export const noChromium: string | false = existsSync(executablePath) ? false : "skipped: no chromium";

/** Starts the browser. Whoever starts it closes it. */
export function startChromium(): Promise<Browser> {
  // Chromium's own sandbox does not work for root, as in a container.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}
