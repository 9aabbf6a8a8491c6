// Prints the titles of several pages, which are fetched at once.                      run it:  node main.ts [URL…]
import { run } from "pottle/asyncio";
import { ClientConnectorError, ClientTimeoutError } from "pottle/client";
import { type PageTitle, titles } from "pottle/crawl";
import { serve } from "pottle/server";
import { pageNames, site } from "./pages.ts";

const urls = [
  "https://www.python.org/",
  "https://nodejs.org/",
  "https://www.typescriptlang.org/",
  "https://developer.mozilla.org/",
  "https://example.com/",
];

/** Prints a line for each page as it comes; returns whether any of them could be reached. */
async function scrape(pages: readonly string[]): Promise<boolean> {
  let isOnline = false;
  for await (const page of titles(pages, { timeout: { total: 10_000, connect: 5_000 } })) {
    isOnline ||= !isUnreachable(page);
    console.log(lineOf(page));
  }
  return isOnline;
}

function lineOf({ url, title, error }: PageTitle): string {
  if (error !== undefined) return `Title of ${url}: ${error.message}`;
  return `Title of ${url}: ${title ?? "No title found"}`;
}

function isUnreachable({ error }: PageTitle): boolean {
  return error instanceof ClientConnectorError || (error instanceof ClientTimeoutError && error.limit === "connect");
}

async function scrapeBundled(): Promise<void> {
  await using server = await serve(site, { port: 0 });
  await scrape(pageNames.map((name) => `${server.url}/${name}`));
}

await run(async () => {
  const asked = process.argv.slice(2);
  if (await scrape(asked.length > 0 ? asked : urls)) return;
  console.log("\nNone of these can be reached. This machine seems to be offline, so here are the bundled pages:\n");
  await scrapeBundled();
});
