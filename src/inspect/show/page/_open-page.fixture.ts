import { existsSync } from "node:fs";
import type { TestContext } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { sleep } from "../../../asyncio/index.ts";
import type { Application } from "../../../http/index.ts";
import { serve } from "../../../server/index.ts";
import { enableDevelopment } from "../../../web/index.ts";
import { withLiveView } from "../with-live-view.ts";

const executablePath = "/usr/bin/chromium";

/** The reason for skipping the tests with a browser; `false` if they can run. */
export const skip: string | false = existsSync(executablePath) ? false : "skipped: no chromium";

const slow: Application = {
  handle: async (exchange) => {
    await sleep(60_000);
    await exchange.respond(200, [], "");
  },
};

/** An open page, its address, and its error messages. */
export interface OpenPage {
  readonly page: Page;
  readonly url: string;
  readonly complaints: string[];
}

/** Serves the live view of an application, and opens its page. */
export async function open(
  context: TestContext,
  app: Application = slow,
  look: { colorScheme?: "light" | "dark"; viewport?: { width: number; height: number } } = {},
): Promise<OpenPage> {
  context.after(enableDevelopment());
  const browser: Browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const server = await serve(withLiveView(app), { port: 0, drainTimeout: 0 });
  context.after(async () => {
    await browser.close();
    await server.close();
  });
  const page = await browser.newPage(look);
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) complaints.push(request.url());
  });
  await page.goto(`${server.url}/_pottle`);
  return { page, url: server.url, complaints };
}
