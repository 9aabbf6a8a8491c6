// The bundled pages, for machines without a network.
import { Pottle } from "pottle";
import { sleep } from "pottle/asyncio";

const pages: Readonly<Record<string, string>> = {
  bakery: "<!doctype html><title>The Bread &amp; Butter Bakery</title><h1>Open from six</h1>",
  harbour: "<html><head><title>\n  Harbour news,\n  daily\n</title></head><body>High tide at noon.</body></html>",
  museum: "<svg><title>A logo</title></svg><title>Museum of Small Things</title>",
  notes: "<h1>Notes to myself</h1><p>A page without a title.",
};

/** The names of the pages. */
export const pageNames: readonly string[] = Object.keys(pages);

/** A site that has them. */
export const site: Pottle = new Pottle(import.meta);

site.get("/<name>", async ({ name }) => {
  await sleep(100);
  return pages[name] ?? "<title>Nothing here</title>";
});
