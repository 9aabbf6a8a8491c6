// Written with await, and no faster: each page is asked for when the last one is there.       run it:  node awaiting.ts
import { isCancelled, run } from "pottle/asyncio";
import { ClientSession } from "pottle/client";
import { episodes } from "./episodes.ts";
import { failed, found, getTitle, gettingHtml } from "./output.ts";
import { siteOf } from "./start-site.ts";

async function getHtml(session: ClientSession, episode: number): Promise<string> {
  gettingHtml(episode);
  const response = await session.get(String(episode));
  return response.text();
}

async function getTitles(session: ClientSession): Promise<void> {
  for (const episode of episodes) {
    try {
      const html = await getHtml(session, episode);
      found(getTitle(html, episode));
    } catch (error) {
      if (isCancelled(error)) throw error;
      failed(episode, error);
    }
  }
  console.log("Done.");
}

await run(async () => {
  await using site = await siteOf();
  await using session = new ClientSession({ baseUrl: site.url, raiseForStatus: true });
  await getTitles(session);
});
