// One page after the other, and nothing else meanwhile: the whole thread waits.        run it:  node blocking.ts
import { BlockingFetch } from "./blocking-fetch.ts";
import { episodes } from "./episodes.ts";
import { failed, found, getTitle, gettingHtml } from "./output.ts";
import { siteOf } from "./start-site.ts";

function getTitles(site: string): void {
  using http = new BlockingFetch();
  for (const episode of episodes) {
    try {
      gettingHtml(episode);
      const html = http.get(`${site}${episode}`);
      found(getTitle(html, episode));
    } catch (error) {
      failed(episode, error);
    }
  }
  console.log("Done.");
}

await using site = await siteOf();
getTitles(site.url);
