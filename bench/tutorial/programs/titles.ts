// The titles of pages: all at once, read in order.
//
//   node titles.ts FILE       where FILE has one address a line
//
// prints each address with the title of its page.

import { readFileSync } from "node:fs";
import { run } from "pottle/asyncio";
import { titles } from "pottle/crawl";

const urls = readFileSync(process.argv[2]!, "utf8").trim().split(/\s+/);

await run(async () => {
  // A hundred at a time is also what aiohttp does unless it is told otherwise.
  for await (const { url, title, error } of titles(urls, { concurrency: 100, ordered: true })) {
    if (error !== undefined) throw error;
    console.log(`${url} ${title ?? "No title found"}`);
  }
});
